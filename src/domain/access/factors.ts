// Which second factors somebody has. Their user row, which carries a digest under the master secret,
// names the whole set: one that was added, changed, put back or taken away in the file is seen, and
// then none of them counts until an owner takes them all away. What changes with every use (counters,
// steps) is left out, and so is an app's sealed key: it authenticates itself and is sealed anew.

import type { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import type { UserId } from '#kernel/id.ts'
import { canonicalJson } from '#kernel/json.ts'
import type { Instant } from '#kernel/time.ts'
import type { Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { rowDamaged, type RowKey } from '#platform/keys/row-mac.ts'
import { selectPasskeysOf, type PasskeyRow } from './passkey-store.ts'
import { findTotp, selectRecoveryCodes, type TotpRow } from './totp-store.ts'
import { findUser, updateUser } from './user-store.ts'

/** What somebody has beside their password. */
export interface SecondFactors {
  /** When the authenticator app was confirmed; null without one. */
  readonly totpSince: Instant | null
  readonly passkeyCount: number
  readonly recoveryCodesLeft: number
}

export function hasSecondFactor({ totpSince, passkeyCount }: SecondFactors): boolean {
  return totpSince !== null || passkeyCount > 0
}

/** Throws `conflict` when they are not the ones that the person's row names. */
export function findSecondFactors(
  house: Pick<House, 'db' | 'keys'>,
  { scope }: Pick<Caller, 'scope'>,
  userId: UserId,
): Promise<SecondFactors> {
  return readFactors(house.db.read(scope), house.keys.purpose('row-mac'), userId)
}

/** The same within a write. */
export async function readFactors(
  db: Pick<Reader, 'selectFrom'>,
  key: RowKey,
  userId: UserId,
): Promise<SecondFactors> {
  const found = await loadFactors(db, key, userId)
  const user = await findUser(db, key, userId)
  // Null: nobody has named the factors of this person yet, of whom there are none in the usual case.
  if (user && user.factorSet !== null && user.factorSet !== digestOf(found))
    throw changedOutside(userId)
  return {
    totpSince: found.totp?.confirmedAt ?? null,
    passkeyCount: found.passkeys.length,
    recoveryCodesLeft: found.codes.length,
  }
}

/**
 * Names the factors there are now in the person's row, at the end of the write that changed them. Who
 * changes them reads them first: what an editor of the file did must not be made good by that.
 */
export async function nameFactors(tx: Tx, key: RowKey, userId: UserId): Promise<void> {
  const user = await findUser(tx, key, userId)
  const factorSet = digestOf(await loadFactors(tx, key, userId))
  if (user && user.factorSet !== factorSet) await updateUser(tx, key, { ...user, factorSet })
}

interface FoundFactors {
  /** Only one that counts. */
  readonly totp: TotpRow | undefined
  readonly passkeys: readonly PasskeyRow[]
  /** Digests of the codes that were not used. */
  readonly codes: readonly string[]
}

async function loadFactors(
  db: Pick<Reader, 'selectFrom'>,
  key: RowKey,
  userId: UserId,
): Promise<FoundFactors> {
  const totp = await findTotp(db, userId)
  return {
    totp: totp?.confirmedAt === null ? undefined : totp,
    passkeys: await selectPasskeysOf(db, key, userId),
    codes: await selectRecoveryCodes(db, userId),
  }
}

function digestOf({ totp, passkeys, codes }: FoundFactors): string {
  const named = {
    totp: totp ? { confirmedAt: totp.confirmedAt, createdAt: totp.createdAt } : null,
    passkeys: passkeys.map(({ id }) => id).toSorted(),
    codes: codes.toSorted(),
  }
  return sha256Hex(canonicalJson(named))
}

function changedOutside(userId: UserId): AppError {
  return rowDamaged(
    'The second factors of this account were changed outside the product. An owner of the instance removes them; then set up new ones.',
    { table: 'user', row: userId },
  )
}
