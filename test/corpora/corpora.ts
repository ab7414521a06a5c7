// Where the large shared rule and event sets lie: beside the checkout, never in it. Tests that need
// them do nothing where they are missing; the golden folders cover the same ground.

import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'

const root = path.resolve(import.meta.dirname, '../../../shared/corpora')

export const hasCorpora = existsSync(path.join(root, 'sigma/rules.jsonl.gz'))

/** Each line of a gzipped NDJSON file, parsed. The shape is the caller's claim. */
export function readLines<T>(file: string): readonly T[] {
  const text = gunzipSync(readFileSync(path.join(root, file))).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T)
}
