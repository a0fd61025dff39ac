// What an agent desktop does, by the TypeScript client that is generated from the document.

import { strict as assert } from "node:assert";
import { isAxiosError } from "axios";

import { Configuration, type Profile, type ProfileInput, ProfilesApi } from "./client";

const STALE = 412;
const MERGED = 404;
const DELETED = 404;
const profiles = new ProfilesApi(new Configuration({ basePath: process.argv[2] }));

async function walk(): Promise<void> {
  const bruce = await created(given("Bruce", "+1 805 555 0201"));
  assert.deepEqual(await identified("+1 805 555 0201"), [bruce]);

  const queried = await profiles.queryProfile(bruce, ["Phone", "Address"]);
  assert.equal(queried.data.Phone?.[0].PhoneNumber, "+1 805 555 0201");
  assert.equal(queried.data.Address?.City, "Dayton");
  const tag: string = queried.headers["etag"];
  const changed: ProfileInput = { ...queried.data, FirstName: "Robert" };
  assert.equal((await profiles.updateProfile(bruce, changed, tag)).data.customer_id, bruce);
  await refused(STALE, profiles.updateProfile(bruce, changed, tag));

  await profiles.patchProfile(bruce, { LastName: null, Title: "Dr." });
  const again = (await profiles.queryProfile(bruce, ["Phone"])).data;
  assert.equal(again.FirstName, "Robert");
  assert.equal(again.LastName, undefined);
  assert.equal(again.Title, "Dr.");
  assert.equal(again.Phone?.[0].PhoneNumber, "+1 805 555 0201");

  const betty = await created(given("Betty", "+1 805 555 0203"));
  await profiles.mergeProfile(bruce, betty);
  assert.equal((await profiles.queryProfile(betty)).data.customer_id, bruce);
  assert.deepEqual(await identified("+1 805 555 0203"), [bruce]);
  await refused(MERGED, profiles.updateProfile(betty, given("Betty", "+1 805 555 0203")));
  await profiles.deleteProfile(bruce);
  await refused(DELETED, profiles.queryProfile(bruce));
}

function given(FirstName: string, PhoneNumber: string): ProfileInput {
  return {
    FirstName,
    LastName: "Banner",
    PhoneNumber: [PhoneNumber],
    Phone: [{ PhoneNumber, PhoneType: 1 }],
    Address: { City: "Dayton" },
  };
}

async function created(profile: ProfileInput): Promise<string> {
  return (await profiles.createProfile(profile)).data.customer_id;
}

async function identified(number: string): Promise<string[]> {
  const answer = await profiles.identifyProfiles(undefined, [number]);
  return (answer.data as Profile[]).map((each) => each.customer_id);
}

async function refused(status: number, call: Promise<unknown>): Promise<void> {
  await assert.rejects(call, (error) => isAxiosError(error) && error.response?.status === status);
}

walk().catch((error) => {
  console.error(error);
  process.exit(1);
});
