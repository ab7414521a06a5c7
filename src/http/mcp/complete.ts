// What a client offers while a person fills in the parts of an address or of a prompt: ids of rules by
// words of their titles, of open changes, names of texts. Ids alone: a title would be text of others.

import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Toolbox } from './call.ts'
import { listDocs } from './resources.ts'

/** As many as the protocol lets an answer hold. */
const VALUES_MAX = 100

const Ids = z.object({
  items: z.array(z.object({ id: z.string() })),
  next: z.string().nullable(),
})
const Versions = z.object({
  items: z.array(z.object({ number: z.int() })),
  next: z.string().nullable(),
})

type Asked = CompleteRequestParams

/** Empty for a part that nothing is offered for, and where the token may not list it. */
export async function complete(box: Toolbox, asked: Asked): Promise<CompleteResult> {
  const { argument, context } = asked
  const words = argument.value.trim()
  switch (partOf(asked)) {
    case 'rule':
      return idsOf(box, 'list_rules', words === '' ? {} : { q: words })
    case 'change':
      return idsOf(box, 'list_changes', { state: 'open' }, words)
    case 'version':
      return versionsOf(box, context?.arguments?.['id'], words)
    case 'text': {
      const names = listDocs().map(({ name }) => name)
      return offered(
        names.filter((name) => name.includes(words)),
        false,
      )
    }
    default:
      return offered([], false)
  }
}

type Part = 'rule' | 'change' | 'version' | 'text'

function partOf({ ref, argument: { name } }: Asked): Part | undefined {
  if (ref.type === 'ref/prompt') return name === 'rule' || name === 'change' ? name : undefined
  if (ref.uri.startsWith('docs://')) return name === 'name' ? 'text' : undefined
  if (!ref.uri.startsWith('rule://')) return undefined
  return name === 'n' ? 'version' : name === 'id' ? 'rule' : undefined
}

async function idsOf(box: Toolbox, tool: string, given: Record<string, unknown>, prefix = '') {
  if (!box.has(tool)) return offered([], false)
  const { items, next } = Ids.parse(await box.ask(tool, { ...given, limit: VALUES_MAX }))
  const ids = items.map(({ id }) => id)
  return offered(
    ids.filter((id) => id.startsWith(prefix)),
    next !== null,
  )
}

async function versionsOf(box: Toolbox, id: string | undefined, prefix: string) {
  if (id === undefined || !box.has('list_rule_versions')) return offered([], false)
  const asked = { id, limit: VALUES_MAX }
  const { items, next } = Versions.parse(await box.ask('list_rule_versions', asked))
  const numbers = items.map(({ number }) => String(number))
  return offered(
    numbers.filter((one) => one.startsWith(prefix)),
    next !== null,
  )
}

function offered(values: readonly string[], hasMore: boolean): CompleteResult {
  const shown = values.slice(0, VALUES_MAX)
  return { completion: { values: shown, hasMore: hasMore || values.length > shown.length } }
}
