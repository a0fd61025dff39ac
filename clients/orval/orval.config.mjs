export default {
  profiles: {
    input: "openapi.json",
    output: {
      target: "client.ts",
      client: "fetch",
      headers: true,
      baseUrl: { runtime: "process.argv[2]" },
    },
  },
};
