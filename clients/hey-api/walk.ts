// What an agent desktop does, by the TypeScript client that @hey-api/openapi-ts makes.

import { strict as assert } from "node:assert";

import {
  createProfile,
  deleteProfile,
  identifyProfiles,
  patchProfile,
  type ProfileInput,
  queryProfile,
  updateProfile,
} from "./client";
import { client } from "./client/client.gen";

const NUMBER = "+1 805 555 0101";
client.setConfig({ baseUrl: process.argv[2] });

async function walk(): Promise<void> {
  const created = await createProfile({ body: given(), throwOnError: true });
  assert.equal(created.response.status, 201);
  const path = { customer_id: created.data.customer_id };

  const found = await query(path);
  assert.equal(found.data?.Phone?.[0].PhoneNumber, NUMBER);
  assert.equal(found.data.Address?.City, "Dayton");

  const headers = { "If-Match": found.response!.headers.get("ETag")! };
  const changed: ProfileInput = { ...found.data, FirstName: "Robert" };
  const updated = await updateProfile({ path, headers, body: changed });
  assert.equal(updated.response?.status, 200);
  const refused = await updateProfile({ path, headers, body: changed });
  assert.equal(refused.response?.status, 412);
  assert.equal(refused.error?.code, "precondition_failed");

  const listed = await identifyProfiles({ query: { PhoneNumber: [NUMBER] } });
  assert.ok(Array.isArray(listed.data));
  assert.deepEqual(listed.data.map((each) => each.customer_id), [path.customer_id]);

  const patched = await patchProfile({ path, body: { FirstName: "Bob", LastName: null } });
  assert.equal(patched.response?.status, 200);
  const again = await query(path);
  assert.equal(again.data?.FirstName, "Bob");
  assert.equal(again.data.LastName, undefined);
  assert.equal(again.data.Phone?.[0].PhoneNumber, NUMBER);

  assert.equal((await deleteProfile({ path })).response?.status, 200);
  assert.equal((await query(path)).response?.status, 404);
}

function given(): ProfileInput {
  return {
    FirstName: "Bruce",
    LastName: "Banner",
    PhoneNumber: [NUMBER],
    Phone: [{ PhoneNumber: NUMBER, PhoneType: 1 }],
    Address: { City: "Dayton" },
  };
}

function query(path: { customer_id: string }) {
  return queryProfile({ path, query: { extensions: ["Phone", "Address"] } });
}

walk().catch((error) => {
  console.error(error);
  process.exit(1);
});
