// The doors for programs over a workspace of 5,000 rules: what a token look-up costs, reads and lists a
// second with the client on the same machine, their p99 at an even pace, and calls of agents.

import autocannon from 'autocannon'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Bench, Print } from './bench.ts'
import type { DoorsListening } from './http/doors.ts'
import { loadEvenly } from './http/pace.ts'

const SECONDS = 5
const CONNECTIONS = 16
const PACE = 1_000
const CALLS_PER_AGENT = 110

export const bench: Bench = {
  name: 'doors for programs, 5,000 rules',
  async run(print) {
    const server = fork(path.join(import.meta.dirname, 'http/doors.ts'), {
      execArgv: process.execArgv,
    })
    try {
      const [listening] = (await once(server, 'message')) as [DoorsListening]
      await readAll(listening, print)
      await callTools(listening, print)
    } finally {
      server.disconnect()
    }
  },
}

async function readAll({ url, token, ruleId }: DoorsListening, print: Print): Promise<void> {
  const headers = { Authorization: `Bearer ${token}` }
  const paths = [
    ['a token looked up (GET /me)', '/me'],
    ['one rule', `/rules/${ruleId}`],
    ['a list of 50 rules', '/rules'],
  ] as const
  for (const [what, below] of paths) {
    const target = new URL(`/api/v1${below}`, url).href
    const load = { url: target, connections: CONNECTIONS, headers }
    await autocannon({ ...load, duration: 1 })
    const { requests, latency, non2xx } = await autocannon({ ...load, duration: SECONDS })
    const failed = non2xx === 0 ? '' : `, ${non2xx} failed`
    print(`${what}: as fast as it goes`, `${requests.average.toFixed(0)}/s${failed}`)
    print(`${what}: p99 of that`, `${latency.p99} ms`)
  }
  const even = { perSecond: PACE, seconds: SECONDS, connections: 64 }
  const one = { url: new URL(`/api/v1/rules/${ruleId}`, url).href, headers }
  const { p99Ms } = await loadEvenly(one, even)
  print('1,000 reads a second in an even pace: p99', `${p99Ms.toFixed(1)} ms`, '≤ 50 ms')
}

async function callTools({ url, agents }: DoorsListening, print: Print): Promise<void> {
  const began = performance.now()
  await Promise.all(
    agents.map(async (agent) => {
      for (let at = 0; at < CALLS_PER_AGENT; at += 1) await callTool(url, agent)
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  const calls = agents.length * CALLS_PER_AGENT
  print(`calls of list_rules, ${agents.length} agents at once`, `${(calls / seconds).toFixed(0)}/s`)
}

async function callTool(url: string, agent: string): Promise<void> {
  const answer = await fetch(new URL('/mcp', url), {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${agent}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'list_rules', arguments: { limit: 10 } },
    }),
  })
  const { result } = (await answer.json()) as { result?: { isError?: boolean } }
  if (!result || result.isError) throw new Error(`a call failed: ${JSON.stringify(result)}`)
}
