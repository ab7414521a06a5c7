// Bodies that are no JSON, or JSON that means harm.

import { readCorpus } from '#test/support/corpora.ts'

export function hostileBodies(): readonly string[] {
  return [
    '{"name":"a","name":"b","scopes":["rules:read"]}',
    `{"name":"a","scopes":["rules:read"],"days":1${'0'.repeat(500_000)}}`,
    ...readCorpus<{ name: string; body: string }>('hostile/json_attacks.jsonl.gz').map(generate),
  ]
}

function generate({ name, body }: { name: string; body: string }): string {
  if (!body.startsWith('@generate')) return body
  if (name === 'wide') return `{${Array.from({ length: 90_000 }, (_, n) => `"k${n}":1`).join()}}`
  if (name === 'long-key') return `{"${'k'.repeat(1_000_000)}":1}`
  return `{"n":1${'0'.repeat(1_000_000)}}`
}
