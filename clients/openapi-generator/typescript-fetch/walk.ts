// What an agent desktop does, by the TypeScript client for fetch that is generated from the document.

import { strict as assert } from "node:assert";

import {
  Configuration,
  type Profile,
  type ProfileInput,
  ProfilesApi,
  QueryProfileExtensionsEnum,
  ResponseError,
} from "./client";

const NUMBER = "+1 805 555 0101";
const profiles = new ProfilesApi(new Configuration({ basePath: process.argv[2] }));

async function walk(): Promise<void> {
  const { customerId } = await profiles.createProfile({ profileInput: given() });

  const found = await query(customerId);
  const profile = await found.value();
  assert.equal(profile.phone?.[0].phoneNumber, NUMBER);
  assert.equal(profile.address?.city, "Dayton");

  const ifMatch = found.raw.headers.get("ETag")!;
  const profileInput: ProfileInput = { ...profile, firstName: "Robert" };
  await profiles.updateProfile({ customerId, ifMatch, profileInput });
  await refused(412, profiles.updateProfile({ customerId, ifMatch, profileInput }));

  const listed = (await profiles.identifyProfiles({ phoneNumber: [NUMBER] })) as Profile[];
  assert.deepEqual(listed.map((each) => each.customerId), [customerId]);

  const profilePatch = { firstName: "Bob", lastName: null };
  await profiles.patchProfile({ customerId, profilePatch });
  const again = await (await query(customerId)).value();
  assert.equal(again.firstName, "Bob");
  assert.equal(again.lastName, undefined);
  assert.equal(again.phone?.[0].phoneNumber, NUMBER);

  await profiles.deleteProfile({ customerId });
  await refused(404, query(customerId));
}

function given(): ProfileInput {
  return {
    firstName: "Bruce",
    lastName: "Banner",
    phoneNumber: [NUMBER],
    phone: [{ phoneNumber: NUMBER, phoneType: 1 }],
    address: { city: "Dayton" },
  };
}

function query(customerId: string) {
  const extensions = [QueryProfileExtensionsEnum.Phone, QueryProfileExtensionsEnum.Address];
  return profiles.queryProfileRaw({ customerId, extensions });
}

async function refused(status: number, call: Promise<unknown>): Promise<void> {
  await assert.rejects(
    call,
    (error) => error instanceof ResponseError && error.response.status === status,
  );
}

walk().catch((error) => {
  console.error(error);
  process.exit(1);
});
