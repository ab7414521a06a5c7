// Making links and finding them by their token. What a link is good for is done by its own actions:
// claim, invitations, resets.

import { AppError } from '#kernel/error.ts'
import { sha256Hex } from '#kernel/hash.ts'
import { ID_PREFIXES, makeId } from '#kernel/id.ts'
import { addMs, type Instant } from '#kernel/time.ts'
import { personBehind, type Caller } from '#platform/caller.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import type { House } from '#platform/house.ts'
import { isLinkLive, LINK_LIFE_MS, type AccessLink, type LinkPurpose } from './link.ts'
import { deleteEndedLinks, deleteLink, findLink, insertLink } from './link-store.ts'

type Given = Partial<
  Pick<AccessLink, 'userId' | 'workspaceId' | 'email' | 'role' | 'isApprover' | 'isAuditor'>
>

export interface MadeLink {
  /** 256 random bits in base64url; stands in the address and nowhere else. */
  readonly token: string
  readonly link: AccessLink
}

/** A new link that nobody knows of yet. `storeLink` makes it good. */
export function draftLink(
  house: Pick<House, 'random'>,
  caller: Caller,
  purpose: LinkPurpose,
  given: Given,
): MadeLink {
  const { now } = caller
  const token = house.random(32).toString('base64url')
  const link: AccessLink = {
    userId: null,
    workspaceId: null,
    email: null,
    role: null,
    isApprover: false,
    isAuditor: false,
    ...given,
    key: sha256Hex(token),
    id: makeId(ID_PREFIXES.link, now, house.random(10)),
    purpose,
    createdBy: personBehind(caller),
    createdAt: now,
    expiresAt: addMs(now, LINK_LIFE_MS[purpose]),
  }
  return { token, link }
}

/** Stores a link and sweeps out those that are over. */
export async function storeLink(tx: Tx, house: House, link: AccessLink): Promise<void> {
  await deleteEndedLinks(tx, link.createdAt)
  await insertLink(tx, house.keys.purpose('row-mac'), link)
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** The link of a token, while it is good. Throws `forbidden`, the same whatever became of it. */
export async function getLink(
  house: House,
  db: Pick<Reader, 'selectFrom'>,
  { purpose, token, now }: { purpose: LinkPurpose; token: string; now: Instant },
): Promise<AccessLink> {
  if (!TOKEN.test(token)) throw deadLink()
  const key = house.keys.purpose('row-mac')
  const link = await findLink(db, key, purpose, sha256Hex(token))
  if (!link || !isLinkLive(link, now)) throw deadLink()
  return link
}

/** Uses a link up within the write that does what it is good for. Throws as getLink. */
export async function spendLink(
  tx: Tx,
  house: House,
  what: { purpose: LinkPurpose; token: string; now: Instant },
): Promise<AccessLink> {
  const link = await getLink(house, tx, what)
  if (!(await deleteLink(tx, link.key))) throw deadLink()
  return link
}

function deadLink(): AppError {
  return new AppError('forbidden', 'This link was used, replaced or ended, or it never was one.')
}
