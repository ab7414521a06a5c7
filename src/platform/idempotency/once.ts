// Runs a request with an idempotency key exactly once, however often it is sent, also across a restart.
// The key, what the act changes and the first answer are one transaction: the act gets a house whose
// write body stays open until the answer is made of what the act returned, and stores it with the
// rest. So there is never an act without its answer, or an answer without its act. A refusal rolls
// everything back and keeps nothing. Answers may hold a secret that is shown once: they are sealed.

import { AppError, assert, Bug } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { Place } from '#kernel/seal.ts'
import { addMs, DAY } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Database } from '#platform/db/database.ts'
import type { Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import {
  deleteRequestsBefore,
  findRequest,
  insertRequest,
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

/** The answer, and whether it is that of an earlier request. */
export interface Answered {
  readonly answer: KeptAnswer
  readonly isRepeat: boolean
}

/**
 * Does the thing with the house it is given: at most one write, and the answer made of what that
 * returned without waiting for anything else. Throws what refuses it.
 */
export type Act = (house: House) => Promise<KeptAnswer>

export class Once {
  readonly #underWay = new Map<string, Promise<unknown>>()

  /**
   * Of requests with one key that come at once, one runs and the others wait for its answer. Throws
   * `invalid` when the key came with another request, and what `act` throws.
   */
  async run(house: House, caller: Caller, request: RepeatableRequest, act: Act): Promise<Answered> {
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
  house: House,
  caller: Caller,
  { key, digest }: RepeatableRequest,
  act: Act,
): Promise<Answered> {
  const request: RequestKey = { actor: caller.actor, key }
  const { db, keys } = house
  const oldest = addMs(caller.now, -KEY_KEPT_MS)
  const earlier = await findRequest(db.read(caller.scope), caller.scope, request, oldest)
  if (earlier) {
    return { answer: await openAnswer(house, caller, earlier, digest), isRepeat: true }
  }
  const seal = await keys.sealer(caller.scope)
  const keep = async (tx: Tx, answer: KeptAnswer) => {
    const plaintext = Buffer.from(JSON.stringify(answer))
    const sealed = seal(placeOf(request), plaintext)
    plaintext.fill(0)
    await deleteRequestsBefore(tx, oldest)
    await insertRequest(tx, {
      ...request,
      requestDigest: digest,
      createdAt: caller.now,
      answer: sealed,
    })
  }
  return { answer: await actAndKeep(house, caller, act, keep), isRepeat: false }
}

async function actAndKeep(
  house: House,
  caller: Caller,
  act: Act,
  keep: (tx: Tx, answer: KeptAnswer) => Promise<void>,
): Promise<KeptAnswer> {
  const { promise: made, ...making } = Promise.withResolvers<KeptAnswer>()
  let written: Promise<unknown> | undefined
  const write: Database['write'] = (writer, body) => {
    if (written) return Promise.reject(new Bug('an act with an idempotency key is one write'))
    const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof body>>>()
    written = house.db.write(writer, async (tx) => {
      resolve(await body(tx)) // the act goes on, and no further than to its answer
      await keep(tx, await made)
    })
    written.catch(reject)
    return promise
  }
  const assertReads = () => assert(!written, 'the answer is made of what the write returned')
  const acted = act({ ...house, db: instead(house.db, { write, assertReads }) })
  acted.then(making.resolve, making.reject)
  made.catch(noop) // refused before it wrote
  const [answer] = await Promise.allSettled([acted])
  if (written) await written
  if (answer.status === 'rejected') throw answer.reason
  if (!written) await house.db.write(caller, (tx) => keep(tx, answer.value))
  return answer.value
}

// While the body is open a query would see what was there before it. `read` refuses by itself.
function instead(
  db: Database,
  { write, assertReads }: Pick<Database, 'write'> & { readonly assertReads: () => void },
): Database {
  return {
    read: (scope) => db.read(scope),
    remember: (...question) => db.remember(...question),
    write,
    async inspect(steps) {
      assertReads()
      return db.inspect(steps)
    },
    close: () => db.close(),
    get isReadOnly() {
      return db.isReadOnly
    },
  }
}

async function openAnswer(
  { keys }: Pick<House, 'keys'>,
  { scope }: Caller,
  { requestDigest, answer, ...request }: RequestRow,
  digest: string,
): Promise<KeptAnswer> {
  if (requestDigest !== digest) {
    throw new AppError('invalid', 'This Idempotency-Key came with another request. Use a new one.')
  }
  const plaintext = await keys.unseal(scope, placeOf(request), answer)
  return JSON.parse(plaintext.toString()) as KeptAnswer
}

function placeOf({ actor, key }: RequestKey): Place {
  return { table: 'idempotencyKey', row: `${actor} ${sha256Hex(key)}`, column: 'answer' }
}
