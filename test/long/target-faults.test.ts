// Every fault that can stand between the product and a SIEM, done to every kind of target through the one
// way to the outside: what a person is told, within which limit, how often anything was sent, and that a
// write was never sent twice. Time is a test's own: nothing here waits.

import assert from 'node:assert/strict'
import { afterEach, test, type TestContext } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { SiemPort } from '#domain/targets/port.ts'
import type { AppError } from '#kernel/error.ts'
import { addMs, instant, MINUTE, SECOND } from '#kernel/time.ts'
import {
  answers,
  badGateway,
  clockSkewed,
  dropped,
  endless,
  gate,
  gzipped,
  invalidUtf8,
  redirected,
  retypedFields,
  tooManyRequests,
  truncatedJson,
  unknownFields,
  type Fault,
  type Gate,
} from '#standins/faults.ts'
import { startStandin, type Answerer, type Standin } from '#standins/server.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { fakeClock, START, type FakeClock } from '#test/support/clock.ts'
import { SUBJECTS, type Subject, type SubjectKind } from '#test/support/fault-subjects.ts'
import { connectionTo, refusal, type TestConnection } from '#test/support/siem.ts'

const never = new AbortController().signal
const SENDINGS = 4
const FIRST_BYTE_MS = 30 * SECOND
const IDLE_MS = 30 * SECOND
const CONNECT_MS = 5 * SECOND

interface World extends Subject {
  /** The one that a check asks first, and the one that takes a write. */
  readonly standin: Standin
  readonly writer: Standin
  readonly all: readonly Standin[]
  readonly clock: FakeClock
  readonly connection: TestConnection
  readonly port: SiemPort
}

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

interface Wish {
  readonly tls?: { readonly cert: string; readonly key: string }
  readonly ca?: string
  readonly url?: string
}

async function worldOf(row: SubjectKind, { tls, ca, url }: Wish = {}): Promise<World> {
  const clock = fakeClock()
  const subject = row.make(clock)
  const started = new Map<Answerer, Standin>()
  for (const answerer of new Set(Object.values(subject.ends))) {
    const standin = await startStandin(answerer, { clock, ...(tls && { tls }) })
    ends.push(() => standin.stop())
    started.set(answerer, standin)
  }
  const at = (role: string) => started.get(subject.ends[role]!)!
  const roles = Object.keys(subject.ends)
  const urls = Object.fromEntries(roles.map((role) => [role, url ?? at(role).url]))
  const { kind, credential } = row
  const settings = { ...row.settings, ...(urls['sign_in'] && { signInUrl: urls['sign_in'] }) }
  const options = { kind, credential, settings, clock, ...(ca !== undefined && { ca }) }
  const connection = connectionTo(urls, options)
  ends.push(() => connection.close())
  const [standin, writer] = [at(row.check.role), at(row.write.role)]
  const all = [...started.values()]
  return { ...subject, standin, writer, all, clock, connection, port: await row.open(connection) }
}

function asked({ all }: World): number {
  return all.reduce((sum, { requests }) => sum + requests.length, 0)
}

const checked = ({ port }: World) => port.check(never)
const written = ({ port }: World, { rule }: SubjectKind) =>
  port.rules!.put({ ...rule, replaces: null }, never)

/** How a call ends while the test holds the time; `ms` is how long the product waited for it. */
async function heldUntilLate(
  t: TestContext,
  { reached }: Gate,
  limitMs: number,
  call: () => Promise<unknown>,
): Promise<AppError> {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let isOver = false
  const told = refusal(call()).finally(() => (isOver = true))
  await reached
  await turns()
  t.mock.timers.tick(Math.floor(limitMs * 0.9))
  await turns()
  assert.equal(isOver, false, 'it is waited for as long as agreed')
  t.mock.timers.tick(Math.ceil(limitMs * 0.2))
  const error = await told
  t.mock.timers.reset()
  return error
}

async function turns(): Promise<void> {
  for (let at = 0; at < 20; at++) await new Promise((resolve) => setImmediate(resolve))
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes of buffers that somebody holds: what is only waiting to be collected is not counted. */
function held(): number {
  collect()
  // `arrayBuffers` does not know of one that grows in its place.
  return process.memoryUsage().external
}

/** What is told after a fault that stays: how often it was sent, and how long it waited in all. */
async function staying(world: World, row: SubjectKind, fault: Fault) {
  const bite = world.standin.faults.on(row.check, fault)
  const error = await refusal(checked(world))
  return { error, sent: bite.count, waits: world.connection.waits }
}

// First, while the heap is small: looking means collecting.
test('of an answer of a gigabyte no more is held than was agreed', async () => {
  const [row] = SUBJECTS
  const world = await worldOf(row!)
  world.standin.faults.on(row!.check, endless(1024 ** 3))
  const before = held()
  let most = 0
  const looking = setInterval(() => (most = Math.max(most, held() - before)), 20)
  const error = await refusal(checked(world)).finally(() => clearInterval(looking))
  assert.equal(error.code, 'too_large')
  assert.ok(most <= 100 * 1024 ** 2, `${Math.round(most / 1024 ** 2)} MiB`)
})

for (const row of SUBJECTS) {
  const { kind, vendor } = row

  // ── Late and lost ──────────────────────────────────────────────────────────────────────────────

  test(`${kind}: delay: who does not answer is waited for half a minute`, async (t) => {
    const world = await worldOf(row)
    const held = gate('before')
    world.standin.faults.on(row.check, held.fault)
    const error = await heldUntilLate(t, held, FIRST_BYTE_MS, () => checked(world))
    held.open()
    assert.equal(error.code, 'timeout')
    assert.match(error.message, /^127\.0\.0\.1:\d+ did not answer in time\.$/)
  })

  test(`${kind}: delay: a write that nobody answers is sent once, and nobody claims to know`, async (t) => {
    const world = await worldOf(row)
    const held = gate('after')
    const bite = world.writer.faults.on(row.write, held.fault)
    const error = await heldUntilLate(t, held, FIRST_BYTE_MS, () => written(world, row))
    held.open()
    assert.deepEqual([error.code, error.details['ambiguous']], ['timeout', true])
    assert.deepEqual([bite.count, world.rules()], [1, 1])
  })

  test(`${kind}: slow-loris: who stops in the middle of an answer is waited for half a minute`, async (t) => {
    const world = await worldOf(row)
    const held = gate('midway')
    world.standin.faults.on(row.check, held.fault)
    const error = await heldUntilLate(t, held, IDLE_MS, () => checked(world))
    held.open()
    assert.equal(error.code, 'timeout')
    assert.match(error.message, /stopped in the middle of its answer/)
  })

  test(`${kind}: a connection that breaks is tried again; one that always breaks is told after four`, async () => {
    for (const where of ['before', 'after', 'midway'] as const) {
      const world = await worldOf(row)
      const twice = world.standin.faults.on({ ...row.check, times: 2 }, dropped(where))
      await checked(world)
      assert.equal(twice.count, 2, where)
      const { error, sent, waits } = await staying(await worldOf(row), row, dropped(where))
      assert.deepEqual([error.code, sent, waits.length], ['upstream', SENDINGS, SENDINGS - 1])
      assert.match(error.message, /broke the connection/)
      assert.ok(waits.reduce((sum, ms) => sum + ms, 0) <= 7 * SECOND, 'waits grow from one second')
    }
  })

  test(`${kind}: a write over a connection that breaks is sent once`, async () => {
    for (const [where, rules] of [
      ['before', 0],
      ['after', 1],
      ['midway', 1],
    ] as const) {
      const world = await worldOf(row)
      const bite = world.writer.faults.on(row.write, dropped(where))
      const error = await refusal(written(world, row))
      assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', true], where)
      assert.deepEqual([bite.count, world.rules()], [1, rules], where)
    }
  })

  test(`${kind}: nobody there: a write that never left is no riddle`, async () => {
    const world = await worldOf(row)
    for (const each of world.all) await each.stop()
    const error = await refusal(written(world, row))
    assert.deepEqual([error.code, error.details['ambiguous']], ['upstream', undefined])
    assert.match(error.message, /refused the connection/)
  })

  // ── Busy ───────────────────────────────────────────────────────────────────────────────────────

  test(`${kind}: 429: it is asked again when it says, at most five minutes later, four times in all`, async () => {
    for (const [asked, wait] of [
      ['7', 7_000],
      [new Date(addMs(START, 9_000)).toUTCString(), 9_000],
      ['86400', 5 * MINUTE],
    ] as const) {
      const world = await worldOf(row)
      world.standin.faults.on({ ...row.check, times: 1 }, tooManyRequests(asked))
      await checked(world)
      assert.deepEqual(world.connection.waits, [wait], asked)
    }
    for (const asked of ['7', undefined]) {
      const told = await staying(await worldOf(row), row, tooManyRequests(asked))
      assert.deepEqual([told.error.code, told.sent], ['rate_limited', SENDINGS])
      assert.equal(told.error.retryAfterSeconds, asked === undefined ? undefined : 7)
      const total = told.waits.reduce((sum, ms) => sum + ms, 0)
      assert.ok(asked === undefined ? total <= 7 * SECOND : total === 21 * SECOND, String(total))
    }
  })

  test(`${kind}: 429, 502, 503, 504 to a write: it is not sent again`, async () => {
    for (const [fault, codes, isAmbiguous] of [
      [tooManyRequests('1'), ['rate_limited']],
      [badGateway(), ['upstream'], true],
      [answers(503), ['upstream']],
      [answers(504), ['upstream', 'timeout'], true],
    ] as const) {
      const world = await worldOf(row)
      const bite = world.writer.faults.on(row.write, fault)
      const error = await refusal(written(world, row))
      assert.ok((codes as readonly string[]).includes(error.code), `${fault.name}: ${error.code}`)
      assert.deepEqual([bite.count, world.rules()], [1, 0], fault.name)
      assert.equal(error.details['ambiguous'], isAmbiguous, 'a gateway does not know either')
      assert.deepEqual(world.connection.waits, [])
    }
  })

  test(`${kind}: a proxy that speaks HTML is told as that, once four sendings found nobody else`, async () => {
    const { error, sent } = await staying(await worldOf(row), row, badGateway())
    assert.deepEqual([error.code, sent], ['upstream', SENDINGS])
    assert.match(error.message, new RegExp(`^${vendor}, or what stands before it, answered 502`))
    assert.doesNotMatch(error.message, /html|nginx/i)
  })

  test(`${kind}: an endpoint that keeps failing is left alone for half a minute`, async () => {
    const world = await worldOf(row)
    const bite = world.standin.faults.on({}, badGateway())
    await refusal(checked(world))
    await refusal(checked(world))
    const before = bite.count
    const error = await refusal(checked(world))
    assert.match(error.message, /failed 5 times in a row; it is asked again in a moment/)
    assert.deepEqual([bite.count, error.retryAfterSeconds], [before, 30])
    bite.off()
    world.clock.advance(30 * SECOND)
    await checked(world)
  })

  // ── Refused ────────────────────────────────────────────────────────────────────────────────────

  test(`${kind}: 401 once: ${row.signsInAgain ? 'it signs in again and goes on' : 'it is told'}`, async () => {
    const world = await worldOf(row)
    await checked(world)
    const bite = world.standin.faults.on({ ...row.check, times: 1 }, answers(401, {}))
    if (row.signsInAgain) await checked(world)
    else assert.equal((await refusal(checked(world))).code, 'unauthenticated')
    assert.equal(bite.count, 1)
    world.standin.faults.clear()
    await checked(world)
    world.writer.faults.on({ ...row.write, times: 1 }, answers(401, {}))
    if (row.signsInAgain) await written(world, row)
    else assert.equal((await refusal(written(world, row))).code, 'unauthenticated')
    assert.equal(world.rules(), row.signsInAgain ? 1 : 0, 'what was refused had no effect')
  })

  test(`${kind}: 401 for ever: it is told, and not tried on and on`, async () => {
    const world = await worldOf(row)
    await checked(world)
    const before = asked(world)
    const { error, sent } = await staying(world, row, answers(401, {}))
    assert.equal(error.code, 'unauthenticated')
    assert.match(error.message, /does not know this credential, or it has expired|the sign-in of/)
    assert.ok(sent <= 2, String(sent))
    assert.ok(asked(world) - before <= 4, 'one more sign-in at most')
  })

  test(`${kind}: 403 after some calls: it is told as that`, async () => {
    const world = await worldOf(row)
    const bite = world.standin.faults.on({ ...row.check, after: 2 }, answers(403, {}))
    await checked(world)
    await checked(world)
    const error = await refusal(checked(world))
    assert.deepEqual([error.code, bite.count], ['forbidden', 1])
    world.standin.faults.clear()
    world.writer.faults.on(row.write, answers(403, {}))
    assert.equal((await refusal(written(world, row))).code, 'forbidden')
    assert.equal(world.rules(), 0)
  })

  test(`${kind}: 409 and 412 to a write: somebody was there before, and it is not sent again`, async () => {
    for (const status of [409, 412]) {
      const world = await worldOf(row)
      const bite = world.writer.faults.on(row.write, answers(status, {}))
      const error = await refusal(written(world, row))
      assert.ok(['conflict', 'stale'].includes(error.code), `${status}: ${error.code}`)
      assert.deepEqual([bite.count, world.rules()], [1, 0])
    }
  })

  // ── Other answers ──────────────────────────────────────────────────────────────────────────────

  test(`${kind}: cut JSON is no answer`, async () => {
    const { error } = await staying(await worldOf(row), row, truncatedJson())
    assert.deepEqual(
      [error.code, error.message],
      ['upstream', `The answer of ${vendor} is cut off, or something else spoke for it.`],
    )
  })

  test(`${kind}: cut JSON, an empty answer and HTML after a write: it is not sent again`, async () => {
    for (const fault of [truncatedJson(), answers(200, '<html></html>')]) {
      const world = await worldOf(row)
      const bite = world.writer.faults.on(row.write, fault)
      const error = await refusal(written(world, row))
      assert.equal(error.code, 'upstream', fault.name)
      assert.equal(bite.count, 1, fault.name)
    }
  })

  test(`${kind}: packed, widened, retyped and spoilt answers are read`, async () => {
    const { identity, product } = await checked(await worldOf(row))
    for (const fault of [gzipped(), unknownFields(), retypedFields(), invalidUtf8('zzz')]) {
      const world = await worldOf(row)
      for (const each of world.all) each.faults.on({}, fault)
      const found = await checked(world)
      assert.deepEqual([found.identity, found.product], [identity, product], fault.name)
    }
  })

  test(`${kind}: an answer without an end is given up at 64 MiB`, async () => {
    const { error, sent } = await staying(await worldOf(row), row, endless(1024 ** 3))
    assert.deepEqual([error.code, sent], ['too_large', 1])
  })

  test(`${kind}: a clock that is off is told to the second`, async () => {
    for (const by of [-7 * MINUTE, 3 * SECOND]) {
      const world = await worldOf(row)
      world.standin.faults.on(
        row.check,
        clockSkewed(by, () => world.clock.now()),
      )
      assert.equal((await checked(world)).clockSkewMs, by)
    }
  })

  // ── Elsewhere ──────────────────────────────────────────────────────────────────────────────────

  test(`${kind}: a redirect is told, and neither call nor credential goes there`, async () => {
    for (const status of [301, 302, 307, 308]) {
      const elsewhere = await worldOf(row)
      const world = await worldOf(row)
      world.standin.faults.on(row.check, redirected(`${elsewhere.standin.url}/`, status))
      world.writer.faults.on(row.write, redirected(`${elsewhere.standin.url}/`, status))
      const error = await refusal(checked(world))
      assert.equal(error.code, 'upstream')
      assert.match(error.message, /to another address, which is not followed/)
      assert.equal((await refusal(written(world, row))).code, 'upstream')
      assert.equal(asked(elsewhere), 0)
    }
  })

  test(`${kind}: a certificate that has expired, or that nobody vouches for: nothing is said to it`, async () => {
    const [long, lately, later] = [Date.UTC(2020, 0), Date.UTC(2021, 0), Date.UTC(2090, 0)] as const
    const expired = makeCertificate(instant(long), instant(lately))
    const own = makeCertificate(instant(long), instant(later))
    for (const [tls, ca, words] of [
      [expired, expired.cert, /shows a certificate that has expired/],
      [own, undefined, /shows a certificate that it signed itself/],
    ] as const) {
      const world = await worldOf(row, { tls, ...(ca !== undefined && { ca }) })
      const error = await refusal(checked(world))
      assert.equal(error.code, 'upstream')
      assert.match(error.message, words)
      assert.equal((await refusal(written(world, row))).details['ambiguous'], undefined)
      assert.equal(asked(world), 0)
    }
  })

  test(`${kind}: who accepts a connection and never greets is waited for five seconds`, async (t) => {
    const { createServer } = await import('node:net')
    const reached = Promise.withResolvers<void>()
    const sockets: { destroy(): void }[] = []
    const silent = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      reached.resolve()
    })
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    ends.push(() => {
      for (const socket of sockets) socket.destroy()
      silent.close()
    })
    const { port } = silent.address() as { port: number }
    const world = await worldOf(row, { url: `https://127.0.0.1:${port}` })
    const held = { ...gate(), reached: reached.promise }
    const error = await heldUntilLate(t, held, CONNECT_MS, () => checked(world))
    assert.equal(error.code, 'timeout')
    assert.match(error.message, /did not accept a connection in time/)
  })
}
