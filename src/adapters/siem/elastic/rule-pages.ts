// The rules of a space, page by page, as Kibana lists them.

import type { z } from 'zod'
import { readAs, type ElasticClient } from './client.ts'
import { rulePage } from './replies.ts'

export const ENGINE = '/api/detection_engine'
const PAGE = 500
/** What one list can reach (page × per_page); search.max_buckets leaves room for as many. */
export const RULES_MAX = 10_000

export async function* rulePages(
  kibana: ElasticClient,
  what: string,
  signal: AbortSignal,
): AsyncGenerator<z.output<typeof rulePage>> {
  for (let page = 1; (page - 1) * PAGE < RULES_MAX; page++) {
    const reply = await kibana.send({
      path: `${ENGINE}/rules/_find`,
      // New ones come last, so that none slips between two pages.
      query: {
        page: String(page),
        per_page: String(PAGE),
        sort_field: 'created_at',
        sort_order: 'asc',
      },
      what,
      signal,
    })
    const read = readAs(rulePage, reply.body, what)
    yield read
    if (read.data.length < PAGE) return
  }
}
