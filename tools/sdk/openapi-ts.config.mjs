// How tools/generate-sdk has the TypeScript client generated.
export default {
  output: { path: "src", module: { extension: ".js" } }, // Node.js wants extensions in imports
  plugins: [
    { name: "@hey-api/client-fetch", includeInEntry: true }, // `client` beside the operations
    "@hey-api/typescript",
    "@hey-api/sdk",
  ],
};
