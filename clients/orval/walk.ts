// What an agent desktop does, by the TypeScript client that orval makes.

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

const NUMBER = "+1 805 555 0101";

async function walk(): Promise<void> {
  const created = await createProfile(given());
  assert.ok(created.status === 201);
  const bruce = created.data.customer_id;

  const found = await query(bruce);
  assert.ok(found.status === 200);
  assert.equal(found.data.Phone?.[0].PhoneNumber, NUMBER);
  assert.equal(found.data.Address?.City, "Dayton");

  const headers = { "If-Match": found.headers.get("ETag")! };
  const changed: ProfileInput = { ...found.data, FirstName: "Robert" };
  assert.equal((await updateProfile(bruce, changed, headers)).status, 200);
  const refused = await updateProfile(bruce, changed, headers);
  assert.ok(refused.status === 412);
  assert.equal(refused.data.code, "precondition_failed");

  const listed = await identifyProfiles({ PhoneNumber: [NUMBER] });
  assert.ok(Array.isArray(listed.data));
  assert.deepEqual(listed.data.map((each) => each.customer_id), [bruce]);

  assert.equal((await patchProfile(bruce, { FirstName: "Bob", LastName: null })).status, 200);
  const again = await query(bruce);
  assert.ok(again.status === 200);
  assert.equal(again.data.FirstName, "Bob");
  assert.equal(again.data.LastName, undefined);
  assert.equal(again.data.Phone?.[0].PhoneNumber, NUMBER);

  assert.equal((await deleteProfile(bruce)).status, 200);
  assert.equal((await query(bruce)).status, 404);
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

function query(id: string) {
  return queryProfile(id, { extensions: ["Phone", "Address"] });
}

walk().catch((error) => {
  console.error(error);
  process.exit(1);
});
