// What narrows the list of rules: controls for what is asked most, chips for what came by a link. It works
// as a plain form, and follows what is typed where there is a script.

import type { RuleFilter } from '#domain/rules/list.ts'
import { Button } from '#views/parts/button.tsx'
import { FilterChip, FilterSelect, SearchBox } from '#views/parts/field.tsx'
import { hx } from '#views/parts/hx.tsx'
import { listQuery, rulesUrl, type ListState } from './address.ts'

const LEVELS = [
  ['', 'Any level'],
  ['critical', 'Critical'],
  ['critical,high', 'High and above'],
  ['critical,high,medium', 'Medium and above'],
  ['low,informational', 'Low and below'],
] as const
const STATES = [
  ['', 'Not retired'],
  ['draft', 'Draft'],
  ['active', 'Active'],
  ['paused', 'Paused'],
  ['retired', 'Retired'],
] as const
const PROBLEMS = [
  ['', 'Any problems'],
  ['errors', 'With errors'],
  ['warnings', 'With warnings'],
  ['none', 'Without problems'],
] as const
const TESTS = [
  ['', 'Any tests'],
  ['missing', 'Tests missing'],
  ['complete', 'Tested both ways'],
  ['failed', 'Tests failed'],
  ['passed', 'Tests passed'],
  ['untold', 'Tests need the target'],
  ['not_run', 'Tests not run'],
] as const

export const Filters = ({ path, state }: { path: string; state: ListState }) => {
  const { filter, sort } = state
  const columns = listQuery(state).get('columns')
  const live = hx({
    get: path,
    target: '#rule-list',
    swap: 'outerMorph',
    trigger: 'input delay:150ms, submit',
    pushUrl: 'true',
    sync: 'this:replace',
  })
  return (
    <form
      class="filters"
      action={path}
      method="get"
      role="search"
      aria-label="Filter rules"
      {...live}
    >
      <SearchBox
        label="Words in name, description, query or tags"
        name="q"
        value={filter.q ?? ''}
        maxlength={500}
        data-keys="/"
      />
      <FilterSelect name="level" label="Level" value={filter.level?.join(',')} options={LEVELS} />
      <FilterSelect name="state" label="State" value={filter.state?.join(',')} options={STATES} />
      <FilterSelect name="problems" label="Problems" value={filter.problems} options={PROBLEMS} />
      <FilterSelect name="tests" label="Tests" value={filter.tests} options={TESTS} />
      <input type="hidden" name="sort" value={sort} />
      {columns !== null && <input type="hidden" name="columns" value={columns} />}
      <Chips path={path} state={state} />
      <noscript>
        <Button size="s">Filter</Button>
      </noscript>
    </form>
  )
}

/** Filters that came by a link and have no control of their own. */
const CHIPS = [
  ['tag', 'tag'],
  ['technique', 'technique'],
  ['status', 'status'],
  ['owner', 'owner'],
  ['group', 'group'],
  ['product', 'product'],
  ['category', 'category'],
  ['service', 'service'],
  ['writtenAs', 'written as'],
  ['compiles', 'compiles for'],
  ['refuses', 'does not compile for'],
  ['renders', 'renders'],
  ['import', 'brought by'],
] as const satisfies readonly (readonly [keyof RuleFilter, string])[]

const Chips = ({ path, state }: { path: string; state: ListState }) => (
  <>
    {CHIPS.map(([key, label]) => {
      const value = state.filter[key]
      if (value === undefined) return null
      const text = Array.isArray(value) ? value.join(',') : String(value)
      const shown = key === 'import' ? 'an import' : text // its id says nothing to anybody
      const without = rulesUrl(path, { ...state, filter: { ...state.filter, [key]: undefined } })
      return (
        <>
          <input type="hidden" name={key} value={text} />
          <FilterChip field={label} value={shown} without={without} />
        </>
      )
    })}
  </>
)
