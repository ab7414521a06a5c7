// The next turn of the event loop. Whoever has just awaited a write goes on in the turn of its COMMIT,
// where another body may be open already, and the reader refuses to be used beside it.

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
