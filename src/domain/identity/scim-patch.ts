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
  lowered,
  type GroupFields,
  type PersonFields,
} from './scim.ts'

interface Operation {
  readonly op: 'add' | 'replace' | 'remove'
  /** Lower case, without the schema before it; empty without a path. */
  readonly path: string
  readonly value: unknown
}

const OPERATIONS_MAX = 1_000
const SCHEMA = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/i

function readOperations(body: unknown): readonly Operation[] {
  const { operations } = lowered(asFields(body))
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
    const bare = (path ?? '').replace(SCHEMA, '').trim()
    if (kind === 'remove' && bare === '') invalid('remove needs a path.', 'invalidPath')
    return { op: kind, path: bare, value }
  })
}

/** A person with the operations of `body` done to them. Throws `ScimRefusal`. */
export function patchPerson(before: PersonFields, body: unknown): PersonFields {
  let after = before
  for (const { op, path, value } of readOperations(body)) {
    if (path !== '') after = setAttribute(after, path, op === 'remove' ? null : value)
    else {
      for (const [name, part] of Object.entries(asFields(value))) {
        after = setAttribute(after, name.replace(SCHEMA, ''), part)
      }
    }
  }
  return after
}

const EMAIL_PATH = /^emails(?:\[[^\]]*\])?(?:\.value)?$/

function setAttribute(before: PersonFields, name: string, value: unknown): PersonFields {
  const attribute = name.toLowerCase()
  switch (attribute) {
    case 'active':
      return { ...before, isActive: value === null ? true : asFlag(value) }
    case 'username':
      return { ...before, userName: asText(value, name) ?? invalid('userName is missing.') }
    case 'externalid':
      return { ...before, externalId: asText(value, name) }
    case 'displayname':
    case 'name.formatted':
      return { ...before, displayName: asText(value, name) }
    case 'name.givenname':
      return { ...before, givenName: asText(value, name) }
    case 'name.familyname':
      return { ...before, familyName: asText(value, name) }
    case 'name':
      return Object.entries(value === null ? {} : asFields(value)).reduce(
        (person, [part, text]) => setAttribute(person, `name.${part}`, text),
        before,
      )
    case 'id':
      return invalid('id is not changed by anybody.', 'mutability')
    default:
      return EMAIL_PATH.test(attribute) ? withEmail(before, attribute, value) : before
  }
}

// `emails[type eq "home"].value` is not the address people work by.
function withEmail(before: PersonFields, path: string, value: unknown): PersonFields {
  if (/type eq "(?!work")/.test(path)) return before
  if (value === null) return { ...before, email: emailOf([], before.userName) }
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value]
  const emails = list.map((one) => (typeof one === 'string' ? { value: one } : one))
  return { ...before, email: emailOf(emails, before.userName) }
}

/** What a PATCH makes of a group: its fields, and who is in it. */
export interface GroupChange {
  readonly fields: GroupFields
  readonly members: ReadonlySet<string>
}

/** Throws `ScimRefusal`. */
export function patchGroup(before: GroupChange, body: unknown): GroupChange {
  let { fields } = before
  const members = new Set(before.members)
  const apply = (op: Operation['op'], name: string, value: unknown) => {
    const attribute = name.toLowerCase()
    if (attribute === 'displayname') {
      fields = { ...fields, displayName: asText(value, name) ?? invalid('displayName is missing.') }
    } else if (attribute === 'externalid') {
      fields = { ...fields, externalId: asText(value, name) }
    } else if (attribute === 'members' || attribute.startsWith('members[')) {
      changeMembers(members, op, name, value)
    } else if (attribute === 'id') {
      // Okta repeats the id beside the name.
      return
    }
  }
  for (const { op, path, value } of readOperations(body)) {
    if (path !== '') apply(op, path, value)
    else for (const [name, part] of Object.entries(asFields(value))) apply(op, name, part)
  }
  return { fields, members }
}

function changeMembers(
  members: Set<string>,
  op: Operation['op'],
  path: string,
  value: unknown,
): void {
  if (path.includes('[')) {
    const named = /^members\[value eq "([^"]*)"\]$/i.exec(path)?.[1]
    if (op !== 'remove' || named === undefined) {
      invalid('A path into members names one to remove: members[value eq "…"].', 'invalidPath')
    }
    members.delete(named)
    return
  }
  if (op === 'replace') members.clear()
  if (op !== 'remove') for (const id of asMembers(value ?? [])) members.add(id)
  else if (value === undefined || value === null) members.clear()
  else for (const id of asMembers(value)) members.delete(id)
}
