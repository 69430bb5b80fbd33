// Server-sent events of a POST, which EventSource cannot do.
export async function follow(address, body, on) {
  const response = await fetch(address, { method: "POST", body, headers: { Accept: "text/event-stream" } });
  if (!response.ok) throw new Error((await response.json()).detail);
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
