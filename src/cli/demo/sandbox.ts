// The events that came in, asked in the languages of SIEMs.

import { setTimeout as wait } from 'node:timers/promises'
import { systemCaller } from '#domain/access/system.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import { listTargets } from '#domain/targets/actions.ts'
import type { SiemPort, TargetQuery } from '#domain/targets/port.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import { instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { expect } from './story.ts'

export async function askTheSame(house: House, { id }: Workspace): Promise<string> {
  const caller = systemCaller(house, 'demo', undefined, id)
  const port = await localPort(house, caller)
  const queries: readonly TargetQuery[] = [
    { language: 'spl', text: 'Image="*\\\\whoami.exe" | stats count' },
    { language: 'kusto', text: 'Events | where Image endswith "\\\\whoami.exe" | count' },
    {
      language: 'esql',
      text: 'from logs | where ends_with(Image, "\\\\whoami.exe") | stats count(*)',
    },
  ]
  const answers: unknown[] = []
  for (const query of queries) answers.push(await ask(house, port, query))
  const [first] = answers
  expect(typeof first === 'number' && first > 1, 'there is something to find')
  expect(
    answers.every((answer) => answer === first),
    'every language counts the same events',
  )
  const languages = queries.map(({ language }) => language).join(', ')
  return `${first} events run whoami, says each of ${languages}`
}

/** The one cell of the answer. */
async function ask(house: House, { search }: SiemPort, query: TargetQuery): Promise<unknown> {
  const { signal } = new AbortController()
  const range = { from: instant(0), to: house.clock.now() }
  const limits = { rowsMax: 10, secondsMax: 60, segmentId: `demo_${query.language}` }
  const person = { person: 'demo', purpose: 'the demonstration' }
  const { remote } = await search.start({ query, ...range, ...limits, ...person }, signal)
  let state = await search.poll(remote, signal)
  while (state.kind === 'running') {
    await wait(state.pollAfterMs)
    state = await search.poll(remote, signal)
  }
  expect(state.kind === 'done', `the search in ${query.language} ends`)
  expect(state.completeness.kind === 'complete', 'and saw every event')
  return (await search.rows(remote, { after: null, limit: 10 }, signal)).rows[0]?.[0]
}

async function localPort(house: House, caller: Caller): Promise<SiemPort> {
  const { items } = await listTargets(house, caller, { limit: 10 })
  const local = items.find(({ target }) => target.kind === 'local')
  expect(local, 'a workspace has a local target from the start')
  return connectTarget(house, caller, local.target, { purpose: 'write' })
}
