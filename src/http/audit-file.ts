// The log as a file, for the page and the API.

import type { Download } from './download.ts'

const TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const

/** `of` is part of the name of the file: a slug, or a word. */
export function auditFile(
  lines: AsyncIterable<string>,
  format: keyof typeof TYPES,
  of: string,
): Download {
  const type = `${TYPES[format]}; charset=utf-8`
  return { name: `audit-${of}.${format}`, type, chunks: ended(lines) }
}

async function* ended(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`
}
