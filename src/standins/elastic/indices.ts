// Indices that come and go: made, filled in bulk, removed.

import type { Json } from '#kernel/json.ts'
import type { Members } from '#standins/opensearch/query.ts'
import { mayIndex, type Person } from './access.ts'
import { ElasticError } from './errors.ts'
import type { Stack } from './stack.ts'

function require(person: Person, index: string, privilege: string): void {
  if (mayIndex(person, index, privilege)) return
  const text = `action [${privilege}] is unauthorized for user [${person.name}] on indices [${index}]`
  throw new ElasticError(403, 'security_exception', text)
}

export function makeIndex(stack: Stack, person: Person, index: string): Json {
  require(person, index, 'create_index')
  if (stack.emptyIndices.has(index)) {
    throw new ElasticError(
      400,
      'resource_already_exists_exception',
      `index [${index}] already exists`,
    )
  }
  stack.emptyIndices.add(index)
  return { acknowledged: true, shards_acknowledged: true, index }
}

export function fillIndex(stack: Stack, person: Person, index: string, lines: string): Json {
  require(person, index, 'index')
  const parsed = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Members)
  const items = []
  for (let at = 0; at + 1 < parsed.length; at += 2) {
    const { _id: id } = parsed[at]!['index'] as { _id: string }
    stack.documents = [...stack.documents, { id, index, source: parsed[at + 1]! }]
    items.push({ index: { _index: index, _id: id, status: 201 } })
  }
  return { took: 1, errors: false, items }
}

export function dropIndex(stack: Stack, person: Person, index: string): Json {
  require(person, index, 'delete_index')
  const isKnown =
    stack.emptyIndices.delete(index) || stack.documents.some((one) => one.index === index)
  if (!isKnown) {
    throw new ElasticError(404, 'index_not_found_exception', `no such index [${index}]`)
  }
  stack.documents = stack.documents.filter((one) => one.index !== index)
  return { acknowledged: true }
}
