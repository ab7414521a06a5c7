// Filters and orders of SCIM as SQL: which attribute is which column, and how its values compare. A value
// always travels beside the text of a query, never in it. Texts without case are lowered as SQLite does
// it, a–z alone, but for user names and addresses, which are kept lowered.

import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { invalid } from './scim.ts'
import type { Filter, FilterValue, Operator } from './scim-filter.ts'

interface Attribute {
  readonly of: RawBuilder<unknown>
  /** `folded` has no case; `lower` is kept in lower case. */
  readonly as: 'exact' | 'folded' | 'lower' | 'flag' | 'instant'
}

/** By name, in lower case. */
type Attributes = ReadonlyMap<string, Attribute>

/** What a filter and an order may name: attributes, and a list with attributes of its own. */
export interface Names {
  readonly attributes: Attributes
  readonly list: {
    readonly name: string
    readonly attributes: Attributes
    /** Where a value of the list fits. */
    readonly some: (condition: Condition) => Condition
  }
}

type Condition = RawBuilder<SqlBool>

const column = (name: string) => sql`${sql.ref(name)}`
const exact = (name: string): Attribute => ({ of: column(name), as: 'exact' })
const folded = (name: string): Attribute => ({ of: column(name), as: 'folded' })
const lower = (name: string): Attribute => ({ of: column(name), as: 'lower' })
const flag = (of: RawBuilder<unknown>): Attribute => ({ of, as: 'flag' })
const instant = (name: string): Attribute => ({ of: column(name), as: 'instant' })
const always = (text: string): Attribute => ({ of: sql`${sql.lit(text)}`, as: 'folded' })

const formatted = sql`coalesce(${column('scimPerson.displayName')}, nullif(trim(
  coalesce(${column('scimPerson.givenName')}, '') || ' ' ||
  coalesce(${column('scimPerson.familyName')}, '')), ''), ${column('scimPerson.userName')})`

export const NAMES_OF_PEOPLE: Names = {
  attributes: new Map([
    ['id', exact('scimPerson.id')],
    ['externalid', exact('scimPerson.externalId')],
    ['username', lower('scimPerson.userNameKey')],
    ['active', flag(column('scimPerson.isActive'))],
    ['displayname', folded('scimPerson.displayName')],
    ['name.formatted', { of: formatted, as: 'folded' }],
    ['name.givenname', folded('scimPerson.givenName')],
    ['name.familyname', folded('scimPerson.familyName')],
    ['schemas', always('urn:ietf:params:scim:schemas:core:2.0:User')],
    ['meta.resourcetype', always('User')],
    ['meta.created', instant('scimPerson.createdAt')],
    ['meta.lastmodified', instant('scimPerson.changedAt')],
  ]),
  // Everybody has one address at most: it is of work, and the primary one.
  list: {
    name: 'emails',
    attributes: new Map([
      ['value', lower('scimPerson.email')],
      ['type', always('work')],
      ['primary', flag(sql`1`)],
    ]),
    some: (condition) => sql<SqlBool>`(${column('scimPerson.email')} is not null and ${condition})`,
  },
}

export const NAMES_OF_GROUPS: Names = {
  attributes: new Map([
    ['id', exact('scimGroup.id')],
    ['externalid', exact('scimGroup.externalId')],
    ['displayname', folded('scimGroup.displayName')],
    ['schemas', always('urn:ietf:params:scim:schemas:core:2.0:Group')],
    ['meta.resourcetype', always('Group')],
    ['meta.created', instant('scimGroup.createdAt')],
    ['meta.lastmodified', instant('scimGroup.changedAt')],
  ]),
  list: {
    name: 'members',
    attributes: new Map([
      ['value', exact('scimMember.personId')],
      ['display', folded('scimPerson.userName')],
      ['type', always('User')],
    ]),
    some: (condition) => sql<SqlBool>`${column('scimGroup.id')} in (
      select ${column('scimMember.groupId')} from "scimMember"
      inner join "scimPerson"
        on ${column('scimPerson.id')} = ${column('scimMember.personId')}
      where ${condition})`,
  },
}

/** Throws `ScimRefusal` `invalidFilter` for what is no attribute, or compares as none does. */
export function whereFits(filter: Filter, names: Names): Condition {
  const { list } = names
  switch (filter.kind) {
    case 'and':
      return sql`(${whereFits(filter.left, names)} and ${whereFits(filter.right, names)})`
    case 'or':
      return sql`(${whereFits(filter.left, names)} or ${whereFits(filter.right, names)})`
    case 'not': // an attribute without a value fits what it is not
      return sql`(${whereFits(filter.part, names)}) is not true`
    case 'some':
      if (filter.name !== list.name) return unknown(names, filter.name)
      return list.some(whereFits(filter.part, { attributes: list.attributes, list: NO_LIST }))
    case 'present':
    case 'compare':
      return whereOne(filter, names)
  }
}

const NO_LIST: Names['list'] = { name: '', attributes: new Map(), some: (condition) => condition }

function whereOne(
  filter: Extract<Filter, { kind: 'present' | 'compare' }>,
  names: Names,
): Condition {
  const { attributes, list } = names
  const own = attributes.get(filter.name)
  if (own) return test(filter, own)
  const [name, part = 'value'] = filter.name.split('.')
  const inside = name === list.name ? list.attributes.get(part) : undefined
  return inside ? list.some(test(filter, inside)) : unknown(names, filter.name)
}

function test(
  filter: Extract<Filter, { kind: 'present' | 'compare' }>,
  attribute: Attribute,
): Condition {
  if (filter.kind === 'present') return sql`${attribute.of} is not null`
  const { operator, value } = filter
  if (value === null) {
    if (operator === 'eq') return sql`${attribute.of} is null`
    return operator === 'ne' ? sql`${attribute.of} is not null` : wrongKind(filter.name)
  }
  const isText = attribute.as === 'exact' || attribute.as === 'folded' || attribute.as === 'lower'
  if (attribute.as === 'flag' && operator !== 'eq' && operator !== 'ne') wrongKind(filter.name)
  const of = attribute.as === 'folded' ? sql`lower(${attribute.of})` : attribute.of
  const wanted = valueFor(attribute, filter.name, value)
  const sign = SIGNS[operator]
  if (sign !== undefined) {
    const compared = sql<SqlBool>`${of} ${sql.raw(sign)} ${wanted}`
    return operator === 'ne' ? sql`(${attribute.of} is null or ${compared})` : compared
  }
  return isText ? inText(operator, of, wanted as string) : wrongKind(filter.name)
}

const SIGNS: Readonly<Partial<Record<Operator, string>>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
}

// Without LIKE, which folds some letters and has signs of its own.
function inText(operator: Operator, of: RawBuilder<unknown>, wanted: string): Condition {
  if (wanted === '') return sql`${of} is not null`
  const long = sql`length(${wanted})`
  switch (operator) {
    case 'sw':
      return sql`substr(${of}, 1, ${long}) = ${wanted}`
    case 'ew':
      return sql`(length(${of}) >= ${long} and substr(${of}, length(${of}) - ${long} + 1) = ${wanted})`
    default:
      return sql`replace(${of}, ${wanted}, '') <> ${of}`
  }
}

function valueFor({ as }: Attribute, name: string, value: FilterValue): string | number {
  const told = as === 'flag' && typeof value === 'string' ? value.toLowerCase() : value
  if (as === 'flag' && (told === true || told === 'true')) return 1
  if (as === 'flag' && (told === false || told === 'false')) return 0
  if (as === 'flag' || typeof value !== 'string') return wrongKind(name)
  if (as === 'exact') return value
  if (as === 'lower') return value.toLowerCase()
  if (as === 'folded') return value.replaceAll(/[A-Z]+/g, (run) => run.toLowerCase())
  const at = DATE_TIME.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? wrongKind(name) : at
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i

/** Those without a value come last, and first the other way round. Throws `invalidValue`. */
export function inOrderOf(names: Names, name: string, isDescending: boolean) {
  const found = names.attributes.get(name) ?? names.attributes.get(`${name}.formatted`)
  const [base, part = 'value'] = name.split('.')
  // Whom a list would order by has one value at most, or many that have no order.
  const inside = base === names.list.name ? names.list.attributes.get(part) : undefined
  const attribute = found ?? (base === 'emails' ? inside : undefined)
  if (!attribute) return invalid(`Nothing is sorted by ${name}.`)
  const { of, as } = attribute
  const way = sql.raw(isDescending ? 'desc' : 'asc')
  return sql`(${of} is null) ${way}, ${as === 'folded' ? sql`lower(${of})` : of} ${way}`
}

function wrongKind(name: string): never {
  return invalid(`${name} is not compared in this way.`, 'invalidFilter')
}

function unknown({ attributes, list }: Names, name: string): never {
  const known = [...attributes.keys(), list.name].filter(Boolean).join(', ')
  return invalid(
    `Nothing here is called ${name.slice(0, 100)}. A filter names: ${known}.`,
    'invalidFilter',
  )
}
