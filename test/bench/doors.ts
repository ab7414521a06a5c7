// The doors for programs over a workspace of 5,000 rules, with the client on the same machine: what a
// token look-up, a read and a list cost, a mix of them at an even pace, the same while 200 event streams
// are open, and calls of agents. What the server's processor did for a request stands beside each figure:
// that is what counts where a machine has other work, too.

import autocannon from 'autocannon'
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Bench, Print } from './bench.ts'
import type { DoorsAsked, DoorsListening, DoorsUsage } from './http/doors.ts'
import { follow, type Followed } from './http/followed.ts'
import { loadEvenly, type Asked } from './http/pace.ts'

const SECONDS = 3
const CONNECTIONS = 16
const EVEN = { perSecond: 1_000, seconds: 5, connections: 64 }
const STREAMS = 200
const CALLS_PER_AGENT = 110

type Ask = (what: DoorsAsked) => Promise<DoorsUsage>

export const bench: Bench = {
  name: 'doors for programs, 5,000 rules',
  async run(print) {
    const server = fork(path.join(import.meta.dirname, 'http/doors.ts'), {
      execArgv: process.execArgv,
    })
    try {
      const [listening] = (await once(server, 'message')) as [DoorsListening]
      const ask = askOf(server)
      await readEach(listening, ask, print)
      await readMixed(listening, ask, print)
      await readBesideStreams(listening, ask, print)
      await callTools(listening, ask, print)
    } finally {
      server.disconnect()
    }
  },
}

function askOf(server: ChildProcess): Ask {
  return async (what) => {
    const answer = once(server, 'message')
    server.send(what)
    const [usage] = (await answer) as [DoorsUsage]
    return usage
  }
}

function apiOf({ url, token, ruleId }: DoorsListening) {
  const at = (below: string) => new URL(`/api/v1${below}`, url).href
  return { at, headers: { Authorization: `Bearer ${token}` }, rule: at(`/rules/${ruleId}`) }
}

async function readEach(listening: DoorsListening, ask: Ask, print: Print): Promise<void> {
  const { at, headers, rule } = apiOf(listening)
  const urls = [
    ['a token looked up (GET /me)', at('/me')],
    ['one rule', rule],
    ['a list of 50 rules', at('/rules')],
  ] as const
  for (const [what, url] of urls) {
    const load = { url, connections: CONNECTIONS, headers }
    await autocannon({ ...load, duration: 1 })
    const before = await ask('usage')
    const { requests, latency, non2xx } = await autocannon({ ...load, duration: SECONDS })
    const cpuMs = (await ask('usage')).cpuMs - before.cpuMs
    const failed = non2xx === 0 ? '' : `, ${non2xx} failed`
    print(`${what}: as fast as it goes`, `${requests.average.toFixed(0)}/s${failed}`)
    print(`${what}: p99 of that`, `${latency.p99} ms`)
    print(`${what}: processor`, `${(cpuMs / requests.total).toFixed(2)} ms`)
  }
}

/** Lists of several kinds, and single things between them. */
function mixOf(listening: DoorsListening): Asked {
  const { at, headers, rule } = apiOf(listening)
  const lists = [
    '/rules',
    '/rules?level=high',
    '/rules?q=tool4321',
    '/rules?sort=-updatedAt&limit=20',
  ]
  const urls = lists.flatMap((list) => [at(list), rule, at('/me'), `${rule}/versions`])
  return { urls, headers }
}

async function readMixed(listening: DoorsListening, ask: Ask, print: Print): Promise<void> {
  await readEvenly('lists and reads', mixOf(listening), ask, print)
  const { at, headers } = apiOf(listening)
  await readEvenly('lists of 50', { urls: [at('/rules')], headers }, ask, print)
}

async function readEvenly(what: string, asked: Asked, ask: Ask, print: Print): Promise<void> {
  const before = await ask('usage')
  const { p99Ms, answered } = await loadEvenly(asked, EVEN)
  const cpuMs = (await ask('usage')).cpuMs - before.cpuMs
  print(`1,000 ${what} a second, evenly: p99`, `${p99Ms.toFixed(1)} ms`, '≤ 50 ms')
  print(`1,000 ${what} a second, evenly: processor`, `${(cpuMs / answered).toFixed(2)} ms`)
}

async function readBesideStreams(listening: DoorsListening, ask: Ask, print: Print): Promise<void> {
  const { at } = apiOf(listening)
  const headers = { Authorization: `Bearer ${listening.follower}` }
  const before = await ask('usage')
  const opened = await Promise.all(
    Array.from({ length: STREAMS }, (_, n) =>
      follow(at(`/jobs/${listening.jobIds[n % 2]!}/events`), headers),
    ),
  )
  await Promise.all(opened.map((one) => one.says('"queued"')))
  const { rssBytes } = await ask('usage')
  const perStream = (rssBytes - before.rssBytes) / STREAMS / 1_024
  print(`memory of an open event stream, of ${STREAMS}`, `${perStream.toFixed(0)} KiB`)
  await readEvenly(`lists and reads beside ${STREAMS} streams`, mixOf(listening), ask, print)

  const ofFirst = opened.filter((_, n) => n % 2 === 0)
  const told = async (one: Followed) => {
    await one.says('"cancelled"')
    await one.ended
  }
  print('a job ends: all its 100 streams said so', await timed(ofFirst.map(told), ask, 'end-job'))
  const rest = opened.filter((_, n) => n % 2 === 1).map((one) => one.ended)
  const ended = await timed(rest, ask, 'revoke-follower')
  print('a token is revoked: its 100 streams ended', ended, '≤ 5 000 ms')
}

async function timed(waited: readonly Promise<void>[], ask: Ask, what: DoorsAsked) {
  const began = performance.now()
  await ask(what)
  await Promise.all(waited)
  return `${(performance.now() - began).toFixed(0)} ms`
}

async function callTools({ url, agents }: DoorsListening, ask: Ask, print: Print): Promise<void> {
  const before = await ask('usage')
  const began = performance.now()
  await Promise.all(
    agents.map(async (agent) => {
      for (let at = 0; at < CALLS_PER_AGENT; at += 1) await callTool(url, agent)
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  const calls = agents.length * CALLS_PER_AGENT
  const cpuMs = (await ask('usage')).cpuMs - before.cpuMs
  print(`calls of list_rules, ${agents.length} agents at once`, `${(calls / seconds).toFixed(0)}/s`)
  print('a call of list_rules: processor', `${(cpuMs / calls).toFixed(2)} ms`)
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
