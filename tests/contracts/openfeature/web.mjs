// Reads flags as a page does: node web.mjs ADDRESS TOKEN. Prints what it was told as a line of JSON, and another line
// when it is told of a change.
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";

const [baseUrl, token] = process.argv.slice(2);
const statuses = [];

async function watching(input, init) {
  const answer = await fetch(input, init);
  statuses.push(answer.status);
  return answer;
}

async function clientOf(domain, options) {
  const provider = new OFREPWebProvider({ baseUrl, cacheMode: "disabled", ...options });
  await OpenFeature.setProviderAndWait(domain, provider);
  return OpenFeature.getClient(domain);
}

const anybody = await clientOf("anybody", { pollInterval: 50, fetchImplementation: watching });
const holder = await clientOf("holder", { headers: [["X-API-Key", token]] });
const stranger = await clientOf("stranger", { headers: [["Authorization", "Bearer revoked"]] });

console.log(
  JSON.stringify({
    down: anybody.getBooleanDetails("section.direct_deposit.down", false),
    toggle: anybody.getBooleanDetails("hide_direct_deposit", false),
    slashes: anybody.getBooleanDetails("payments/cards", false),
    unknown: anybody.getBooleanDetails("nope", true),
    privateToAnybody: anybody.getBooleanDetails("secret", false),
    privateToHolder: holder.getBooleanDetails("secret", false),
    publicToStranger: stranger.getBooleanDetails("hide_direct_deposit", false),
    unknownToStranger: stranger.getBooleanDetails("secret", false),
  }),
);

anybody.addHandler(ProviderEvents.ConfigurationChanged, async (change) => {
  console.log(
    JSON.stringify({
      changed: change.flagsChanged,
      toggle: anybody.getBooleanDetails("hide_direct_deposit", true),
      statuses: [...new Set(statuses)],
    }),
  );
  await OpenFeature.close();
});
