// PATCH of SCIM (RFC 7644 section 3.5.2) in the dialects that directories speak: Microsoft writes `op` in
// capitals, flags as texts and dotted names as keys; Okta sends values without a path. An attribute that
// is not kept here changes nothing, and is no mistake.

import {
  asFields,
  asFlag,
  asMembers,
  asText,
  emailOf,
  invalid,
  isPrimary,
  isWork,
  lowered,
  requireSchema,
  withoutSchema,
  type Fields,
  type GroupFields,
  type PersonFields,
} from './scim.ts'
import { fits, readPath, type Filter, type Path } from './scim-filter.ts'

interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  /** Lower case, without the schema before it; empty without a path. */
  readonly path: string
  readonly value: unknown
}

const OPERATIONS_MAX = 1_000
const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

function readOperations(body: unknown): readonly Operation[] {
  const { schemas, operations } = lowered(asFields(body))
  requireSchema(schemas, PATCH_SCHEMA)
  if (!Array.isArray(operations) || operations.length === 0) {
    return invalid('Operations is no list with something in it.', 'invalidSyntax')
  }
  if (operations.length > OPERATIONS_MAX)
    invalid(`More than ${OPERATIONS_MAX} operations.`, 'tooMany')
  return (operations as readonly unknown[]).map((one) => {
    const { op, path, value } = lowered(asFields(one))
    const kind = typeof op === 'string' ? op.toLowerCase() : ''
    if (kind !== 'add' && kind !== 'replace' && kind !== 'remove') {
      return invalid('op is none of add, replace and remove.', 'invalidSyntax')
    }
    if (path !== undefined && typeof path !== 'string') invalid('path is no text.', 'invalidPath')
    const bare = withoutSchema((path ?? '').trim())
    if (kind === 'remove' && bare === '') invalid('remove needs a path.', 'noTarget')
    return { op: kind, path: bare, value }
  })
}

/** A person with the operations of `body` done to them. Throws `ScimRefusal`. */
export function patchPerson(before: PersonFields, body: unknown): PersonFields {
  let after = before
  for (const { op, path, value } of readOperations(body)) {
    if (path !== '') after = setAttribute(after, op, path, op === 'remove' ? null : value)
    else {
      for (const [name, part] of Object.entries(asFields(value))) {
        after = setAttribute(after, op, withoutSchema(name), part)
      }
    }
  }
  return after
}

function setAttribute(
  before: PersonFields,
  op: Operation['op'],
  path: string,
  value: unknown,
): PersonFields {
  const { name, which, part } = readPath(path)
  if (name === 'emails') {
    const isTheirs = !which || fits(which, { type: 'work', primary: true, value: before.email })
    return isTheirs ? withEmail(before, op, part, value) : before
  }
  switch (part === '' ? name : `${name}.${part}`) {
    case 'active':
      return { ...before, isActive: value === null ? true : asFlag(value) }
    case 'username':
      return { ...before, userName: asText(value, path) ?? invalid('userName is missing.') }
    case 'externalid':
      return { ...before, externalId: asText(value, path) }
    case 'displayname':
    case 'name.formatted':
      return { ...before, displayName: asText(value, path) }
    case 'name.givenname':
      return { ...before, givenName: asText(value, path) }
    case 'name.familyname':
      return { ...before, familyName: asText(value, path) }
    case 'name':
      return withName(before, op, value)
    case 'id':
    case 'meta':
      return invalid(`${name} is not changed by anybody.`, 'mutability')
    default:
      return before
  }
}

const PARTS_OF_A_NAME = ['formatted', 'givenname', 'familyname']
const NO_NAME: Fields = { givenname: null, familyname: null }

function withName(before: PersonFields, op: Operation['op'], value: unknown): PersonFields {
  const parts = value === null ? NO_NAME : lowered(asFields(value))
  return PARTS_OF_A_NAME.filter((part) => Object.hasOwn(parts, part)).reduce(
    (person, part) => setAttribute(person, op, `name.${part}`, parts[part]),
    before,
  )
}

// One address is kept. Another one that is added takes its place when it is said to be the primary one,
// or that of work.
function withEmail(
  before: PersonFields,
  op: Operation['op'],
  part: string,
  value: unknown,
): PersonFields {
  if (part !== '' && part !== 'value') return before
  if (value === null) return { ...before, email: emailOf([], before.userName) }
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const emails = list.map((one) => (typeof one === 'string' ? { value: one, type: 'work' } : one))
  const isPlain = op === 'add' && before.email !== null && !emails.some(leads)
  return isPlain ? before : { ...before, email: emailOf(emails, before.userName) }
}

function leads(email: unknown): boolean {
  const { primary, type } = lowered(asFields(email))
  return isWork(type) || isPrimary(primary)
}

/** What becomes of a group: its fields, who comes and who goes. */
export interface GroupChange {
  readonly fields: GroupFields
  /** Whoever is in it and does not come goes. */
  readonly isAnew: boolean
  readonly come: ReadonlySet<string>
  readonly go: ReadonlySet<string>
}

/** Throws `ScimRefusal`. */
export function patchGroup(before: GroupFields, body: unknown): GroupChange {
  let fields = before
  const moves: Moves = { isAnew: false, come: new Set(), go: new Set() }
  const apply = (op: Operation['op'], path: string, value: unknown) => {
    const { name, which, part } = readPath(path)
    if (name === 'members') return move(moves, op, { which, part }, value)
    const text = op === 'remove' ? null : value
    if (name === 'displayname') {
      fields = { ...fields, displayName: asText(text, path) ?? invalid('displayName is missing.') }
    } else if (name === 'externalid') {
      fields = { ...fields, externalId: asText(text, path) }
    }
    // Okta repeats the id beside the name; what is not kept changes nothing.
  }
  for (const { op, path, value } of readOperations(body)) {
    if (path !== '') apply(op, path, value)
    else {
      for (const [name, part] of Object.entries(asFields(value))) {
        apply(op, withoutSchema(name), part)
      }
    }
  }
  return { fields, ...moves }
}

interface Moves {
  isAnew: boolean
  readonly come: Set<string>
  readonly go: Set<string>
}

function move(
  moves: Moves,
  op: Operation['op'],
  { which, part }: Pick<Path, 'which' | 'part'>,
  value: unknown,
): void {
  if (part !== '' && part !== 'value') invalid(`members.${part} is not changed.`, 'mutability')
  const isEverybody = value === undefined || value === null
  if (which !== undefined) {
    const named = op === 'remove' ? idsIn(which) : undefined
    if (!named) return invalid('A path into members removes: members[value eq "…"].', 'invalidPath')
    take(moves, named)
  } else if (op === 'remove' && !isEverybody) {
    take(moves, asMembers(value))
  } else {
    if (op !== 'add') {
      moves.isAnew = true
      moves.come.clear()
      moves.go.clear()
    }
    for (const id of op === 'remove' ? [] : asMembers(value ?? [])) {
      moves.come.add(id)
      moves.go.delete(id)
    }
  }
}

function take({ come, go }: Moves, ids: readonly string[]): void {
  for (const id of ids) {
    come.delete(id)
    go.add(id)
  }
}

/** The ids of `value eq "…" or value eq "…"`; undefined for every other filter. */
function idsIn(filter: Filter): readonly string[] | undefined {
  if (filter.kind === 'or') {
    const [left, right] = [idsIn(filter.left), idsIn(filter.right)]
    return left && right && [...left, ...right]
  }
  const isId = filter.kind === 'compare' && filter.name === 'value' && filter.operator === 'eq'
  return isId ? [String(filter.value)] : undefined
}
