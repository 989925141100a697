/** Reads server-sent events (WHATWG HTML, 9.2) from the body of an answer. */

import type { RunEvent } from "./run.ts";

/** The events of a stream, as they come. */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ event: string; data: string }> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += value;
      const blocks = rest.split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        const event = readBlock(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function readBlock(block: string): { event: string; data: string } | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length > 0 ? { event, data: data.join("\n") } : null;
}

/** The events of a run; what cannot be read is passed over. */
export async function* runEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<RunEvent> {
  for await (const { event, data } of readEvents(body)) {
    try {
      yield { ...(JSON.parse(data) as RunEvent), event: event as RunEvent["event"] } as RunEvent;
    } catch {
      // A later event, or the GET at the end, tells the same.
    }
  }
}
