// Reads and changes the policy with Microsoft's JavaScript client, and prints what it saw as JSON.
// Usage: node policy.mjs URL TOKEN

import { Client, HTTPMessageHandler } from "@microsoft/microsoft-graph-client";

const [url, token] = process.argv.slice(2);

// The client's own authentication handler sends no token over http.
class Bearer {
  async execute(context) {
    context.options.headers = { ...context.options.headers, Authorization: `Bearer ${token}` };
    await this.next.execute(context);
  }
  setNext(next) {
    this.next = next;
  }
}

const bearer = new Bearer();
bearer.setNext(new HTTPMessageHandler());
const client = Client.initWithMiddleware({ baseUrl: `${url}/`, middleware: bearer });

const policy = "/policies/authenticationMethodsPolicy";
const voice = `${policy}/authenticationMethodConfigurations/Voice`;
const type = "#microsoft.graph.voiceAuthenticationMethodConfiguration";

const seen = {};
const whole = await client.api(policy).get();
seen.methods = whole.authenticationMethodConfigurations.map((each) => each.id);
await client.api(voice).patch({ "@odata.type": type, state: "disabled" });
seen.voice = (await client.api(voice).get()).state;
seen.beta = (await client.api(policy).version("beta").get()).systemCredentialPreferences.state;
const found = await client
  .api("/groups")
  .filter("displayName eq 'O''Brien''s team'")
  .select("id,displayName")
  .get();
seen.groups = found.value.map((each) => each.displayName);
try {
  await client.api(voice).patch({ "@odata.type": type, state: "on" });
} catch (error) {
  seen.refused = [error.statusCode, error.code];
}
console.log(JSON.stringify(seen));
