// Keeps one EventSource open. A lost connection the browser itself takes up again, with Last-Event-ID;
// after a refusal (a proxy's 502, a session that is over) it gives up, so we ask again, ever more
// seldom.

const RETRY_MS = 5_000
const RETRY_MAX_MS = 60_000

/** `open` makes a stream that resumes where the last one ended. Resolves when `until` aborts. */
export async function holdStream(open: () => EventSource, until: AbortSignal): Promise<void> {
  for (let pauseMs = RETRY_MS; !until.aborted; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
    await end(open(), until)
    await sleep(pauseMs, until)
  }
}

/** Resolves when `until` aborts or the server refuses. */
function end(stream: EventSource, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      stream.close()
      resolve()
    }
    until.addEventListener('abort', stop, { once: true })
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) stop()
    })
    if (until.aborted) stop()
  })
}

function sleep(ms: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const stop = () => {
      clearTimeout(timer)
      resolve()
    }
    until.addEventListener('abort', stop, { once: true })
    if (until.aborted) stop()
  })
}
