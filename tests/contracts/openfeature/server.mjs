// Reads flags as a website's server does: node server.mjs ADDRESS TOKEN. Prints what it was told, as one line of JSON.
import { OpenFeature } from "@openfeature/server-sdk";
import { OFREPProvider } from "@openfeature/ofrep-provider";

const [baseUrl, token] = process.argv.slice(2);

async function clientOf(domain, options) {
  await OpenFeature.setProviderAndWait(domain, new OFREPProvider({ baseUrl, ...options }));
  return OpenFeature.getClient(domain);
}

const anybody = await clientOf("anybody", {});
const holder = await clientOf("holder", { headers: [["Authorization", `Bearer ${token}`]] });
const stranger = await clientOf("stranger", { headers: [["X-API-Key", "revoked"]] });
const user = { targetingKey: "user-7", age: 7, groups: ["a", "b"] };

console.log(
  JSON.stringify({
    down: await anybody.getBooleanDetails("section.direct_deposit.down", false),
    toggle: await anybody.getBooleanDetails("hide_direct_deposit", false, user),
    slashes: await anybody.getBooleanDetails("payments/cards", false),
    unknown: await anybody.getBooleanDetails("nope", true),
    unknownWithSpaces: await anybody.getBooleanDetails("a/b c", true),
    otherKind: await anybody.getStringDetails("hide_direct_deposit", "as it was"),
    privateToAnybody: await anybody.getBooleanDetails("secret", false),
    privateToHolder: await holder.getBooleanDetails("secret", false),
    privateToStranger: await stranger.getBooleanDetails("secret", false),
    publicToStranger: await stranger.getBooleanDetails("hide_direct_deposit", false),
  }),
);
await OpenFeature.close();
