// What the server says is wrong; any other error is the machine's, not for users to read.
export class Refused extends Error {}

// Server-sent events of a POST, which EventSource cannot do.
export async function follow(address, body, on) {
  const response = await fetch(address, { method: "POST", body, headers: { Accept: "text/event-stream" } });
  // A proxy in between refuses in its own words, which are no JSON.
  if (!response.ok) throw new Refused((await response.json().catch(() => null))?.detail);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\n");
      on(name.replace("event: ", ""), JSON.parse(data.replace("data: ", "")));
    }
  }
}
