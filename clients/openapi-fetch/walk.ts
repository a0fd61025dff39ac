// What an agent desktop does, by openapi-fetch with the types that openapi-typescript makes.

import { strict as assert } from "node:assert";
import createClient from "openapi-fetch";

import type { components, paths } from "./profiles";

type ProfileInput = components["schemas"]["ProfileInput"];

const NUMBER = "+1 805 555 0101";
const profiles = createClient<paths>({ baseUrl: process.argv[2] });

async function walk(): Promise<void> {
  const created = await profiles.POST("/profiles", { body: given() });
  assert.equal(created.response.status, 201);
  const bruce = created.data!.customer_id;

  const found = await query(bruce);
  assert.equal(found.data?.Phone?.[0].PhoneNumber, NUMBER);
  assert.equal(found.data.Address?.City, "Dayton");

  const tag = found.response.headers.get("ETag")!;
  const changed: ProfileInput = { ...found.data, FirstName: "Robert" };
  assert.equal((await update(bruce, changed, tag)).response.status, 200);
  const refused = await update(bruce, changed, tag);
  assert.equal(refused.response.status, 412);
  assert.equal(refused.error?.code, "precondition_failed");

  const listed = await profiles.GET("/profiles", { params: { query: { PhoneNumber: [NUMBER] } } });
  assert.ok(Array.isArray(listed.data));
  assert.deepEqual(listed.data.map((each) => each.customer_id), [bruce]);

  // It is sent as application/json, which is taken for a merge patch.
  const path = { customer_id: bruce };
  const body = { FirstName: "Bob", LastName: null };
  const patched = await profiles.PATCH("/profiles/{customer_id}", { params: { path }, body });
  assert.equal(patched.response.status, 200);
  const again = await query(bruce);
  assert.equal(again.data?.FirstName, "Bob");
  assert.equal(again.data.LastName, undefined);
  assert.equal(again.data.Phone?.[0].PhoneNumber, NUMBER);

  const deleted = await profiles.DELETE("/profiles/{customer_id}", { params: { path } });
  assert.equal(deleted.response.status, 200);
  assert.equal((await query(bruce)).response.status, 404);
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

function query(customer_id: string) {
  return profiles.GET("/profiles/{customer_id}", {
    params: { path: { customer_id }, query: { extensions: ["Phone", "Address"] } },
  });
}

function update(customer_id: string, body: ProfileInput, tag: string) {
  const params = { path: { customer_id }, header: { "If-Match": tag } };
  return profiles.PUT("/profiles/{customer_id}", { params, body });
}

walk().catch((error) => {
  console.error(error);
  process.exit(1);
});
