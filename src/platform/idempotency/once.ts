// Runs a request with an idempotency key once, however often it is sent, also across a restart. The
// key is stored before the act and the answer after it: a process that dies in between leaves a key
// without an answer, and a repeat is then told so instead of acting twice. A refusal undoes the key,
// because nothing was done. Answers may hold a secret that is shown once, so they are kept sealed.

import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { Place } from '#kernel/seal.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import {
  deleteRequest,
  deleteRequestsBefore,
  findRequest,
  insertRequest,
  saveAnswer,
  type RequestKey,
  type RequestRow,
} from './store.ts'

/** How long an answer is kept. */
export const KEY_KEPT_MS = DAY

export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface RepeatableRequest {
  readonly key: string
  /** Hex SHA-256 of all that makes two requests the same. */
  readonly digest: string
}

type OnceHouse = Pick<House, 'db' | 'keys' | 'log'>

export class Once {
  readonly #underWay = new Map<string, Promise<unknown>>()

  /**
   * The answer, and whether it is that of an earlier request. Throws `invalid` when the key came with
   * another request, `conflict` when the first one left no answer, and what `act` throws.
   */
  async run(
    house: OnceHouse,
    caller: Caller,
    request: RepeatableRequest,
    act: () => Promise<KeptAnswer>,
  ): Promise<{ readonly answer: KeptAnswer; readonly isRepeat: boolean }> {
    const name = `${caller.scope.workspaceId} ${caller.actor} ${request.key}`
    while (this.#underWay.has(name)) await this.#underWay.get(name)
    const run = runAlone(house, caller, request, act)
    const settled = run.then(noop, noop)
    this.#underWay.set(name, settled)
    try {
      return await run
    } finally {
      this.#underWay.delete(name)
    }
  }
}

const noop = () => {}

async function runAlone(
  house: OnceHouse,
  caller: Caller,
  { key, digest }: RepeatableRequest,
  act: () => Promise<KeptAnswer>,
): Promise<{ readonly answer: KeptAnswer; readonly isRepeat: boolean }> {
  const request: RequestKey = { actor: caller.actor, key }
  const earlier = await house.db.write(caller, async (tx) => {
    await deleteRequestsBefore(tx, addMs(caller.now, -KEY_KEPT_MS))
    const found = await findRequest(tx, request)
    if (found) return found
    const row = { ...request, requestDigest: digest, createdAt: caller.now, answer: null }
    await insertRequest(tx, row)
    return undefined
  })
  if (earlier) return { answer: await openAnswer(house, caller, earlier, digest), isRepeat: true }
  const answer = await actOrForget(house, caller, request, act)
  await keepAnswer(house, caller, request, answer)
  return { answer, isRepeat: false }
}

async function openAnswer(
  { keys }: OnceHouse,
  { scope }: Caller,
  { requestDigest, answer, ...request }: RequestRow,
  digest: string,
): Promise<KeptAnswer> {
  if (requestDigest !== digest) {
    throw new AppError('invalid', 'This Idempotency-Key came with another request. Use a new one.')
  }
  if (answer === null) {
    throw new AppError(
      'conflict',
      'The first request with this Idempotency-Key ended without an answer. Look whether it took effect, then use a new key.',
    )
  }
  const plaintext = await keys.unseal(scope, placeOf(request), answer)
  return JSON.parse(plaintext.toString()) as KeptAnswer
}

// What is thrown on purpose was rolled back. After anything else nobody knows, so the key stays.
async function actOrForget(
  { db }: OnceHouse,
  caller: Caller,
  request: RequestKey,
  act: () => Promise<KeptAnswer>,
): Promise<KeptAnswer> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof AppError) await db.write(caller, (tx) => deleteRequest(tx, request))
    throw error
  }
}

// The act is done: an answer that cannot be kept must not make it look undone.
async function keepAnswer(
  { db, keys, log }: OnceHouse,
  caller: Caller,
  request: RequestKey,
  answer: KeptAnswer,
): Promise<void> {
  try {
    const plaintext = Buffer.from(JSON.stringify(answer))
    const sealed = await keys.seal(caller.scope, placeOf(request), plaintext)
    plaintext.fill(0)
    await db.write(caller, (tx) => saveAnswer(tx, request, sealed))
  } catch (err) {
    log.warn({ err, requestId: caller.requestId }, 'an answer could not be kept for repeats')
  }
}

function placeOf({ actor, key }: RequestKey): Place {
  return { table: 'idempotencyKey', row: `${actor} ${sha256Hex(key)}`, column: 'answer' }
}
