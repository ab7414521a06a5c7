// The rules of a workspace: a filter whose whole state stands in the address, and one line a rule.

import type { RuleSummary } from '#domain/rules/rule.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { Head } from '#views/parts/panel.tsx'
import type { ListState } from './address.ts'
import { Filters } from './rules-filters.tsx'
import { RuleList } from './rules-list.tsx'

export interface RulesPageProps {
  /** `/w/acme/rules`. */
  readonly path: string
  readonly state: ListState
  /** Null on the first page. */
  readonly cursor: string | null
  readonly items: readonly RuleSummary[]
  readonly next: string | null
  /** Of all that match. */
  readonly count: number
  readonly mayWrite: boolean
  readonly mayTest: boolean
  /** Where upstreams are listed. */
  readonly upstreams: string
}

export const RulesPage = (props: RulesPageProps) => (
  <>
    <Head
      title="Rules"
      actions={
        <>
          {props.mayTest && props.items.length > 0 && (
            <form method="post" action={`${props.path}/tests`} class="inline">
              <input type="hidden" name="every" value="1" />
              <Button>Run all tests</Button>
            </form>
          )}
          {props.mayWrite && (
            <>
              <LinkButton href={`${props.path}/imports`}>Import</LinkButton>
              <LinkButton href={props.upstreams}>Upstreams</LinkButton>
              <LinkButton kind="primary" icon="plus" href={`${props.path}/new`} data-keys="n">
                New rule
              </LinkButton>
            </>
          )}
        </>
      }
    />
    <div class="stack-s">
      <Filters {...props} />
      <RuleList {...props} />
    </div>
  </>
)
