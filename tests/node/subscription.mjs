// Follows accessChanged with the stock client graphql-ws, as a downstream system would: one line for each thing told.
// Reads {url, token, system, after, events} from standard input and stops after so many events.
import { createClient } from "graphql-ws";

const asked = JSON.parse(await new Response(process.stdin).text());
const query = `subscription ($system: String!, $after: AccessVersion) {
  accessChanged(system: $system, after: $after) { accessVersion user everybody gap }
}`;
const tell = (line) => console.log(JSON.stringify(line));
const client = createClient({
  url: asked.url,
  connectionParams: () => ({ Authorization: `Bearer ${asked.token}` }),
  retryAttempts: 0, // a retry of the library's own would begin at the old version again
  on: { closed: (event) => tell({ closed: event.code, reason: event.reason }) },
});

let after = asked.after;
let left = asked.events;
while (left > 0) {
  try {
    for await (const result of client.iterate({ query, variables: { system: asked.system, after } })) {
      if (result.errors) throw result.errors;
      const change = result.data.accessChanged;
      tell({ change });
      after = change.accessVersion;
      if (--left === 0) break;
    }
  } catch (error) {
    if (Array.isArray(error)) {
      tell({ errors: error.map((one) => one.extensions.code) });
      break;
    }
    if (error.code === 4403) break; // a new token is needed
    tell({ resuming: after });
  }
}
await client.dispose();
