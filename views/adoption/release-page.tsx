// What letting go of many would be about, before it is done.

import type { ObservedFilter } from '#domain/adoption/input.ts'
import type { Target } from '#domain/targets/target.ts'
import type { ObservedId } from '#kernel/id.ts'
import { Button, LinkButton } from '#views/parts/button.tsx'
import { count as counted } from '#views/parts/format.ts'
import { Empty } from '#views/parts/notice.tsx'
import { Head, Panel, PanelBody } from '#views/parts/panel.tsx'
import { Foreign } from '#views/parts/text.tsx'

export interface ReleaseShown {
  /** `/w/acme/targets/tgt_…/rules`. */
  readonly path: string
  readonly target: Target
  readonly filter: ObservedFilter
  /** Of all that the list finds and that are bound. */
  readonly count: number
  readonly first: readonly { readonly id: ObservedId; readonly name: string }[]
}

export const ReleasePage = ({ shown }: { shown: ReleaseShown }) => {
  const { path, target, filter, count, first } = shown
  const sub = count > first.length ? `the first ${first.length}` : undefined
  return (
    <>
      <Head
        title="Let go of rules"
        meta={[<>of {target.name}</>, 'nothing is written there']}
        actions={<LinkButton href={path}>Back to the list</LinkButton>}
      />
      {count === 0 ? (
        <section class="panel" aria-label="Rules to let go of">
          <Empty icon="list-checks" title="Nothing to let go of">
            None that the list finds is bound.
          </Empty>
        </section>
      ) : (
        <div class="stack">
          <Panel title={counted(count, 'rule')} id="consent">
            <PanelBody>
              <p>
                They stay on the target as they are, and the rules here stay with all their
                versions. They are no longer bound to each other: what changes there is seen, and no
                longer compared. Adopted again, each finds the rule that it was.
              </p>
            </PanelBody>
            <form class="panel-foot" method="post" action={`${path}/release`}>
              {Object.entries(filter).map(([name, value]) =>
                value === undefined ? null : <input type="hidden" name={name} value={value} />,
              )}
              <Button kind="danger">Let go of {counted(count, 'rule')}</Button>
            </form>
          </Panel>
          <Panel title="Rule by rule" id="rules" sub={sub}>
            <ul class="rows">
              {first.map(({ id, name }) => (
                <li>
                  <a href={`${path}/${id}`}>
                    <Foreign text={name} class="break" />
                  </a>
                </li>
              ))}
            </ul>
          </Panel>
        </div>
      )}
    </>
  )
}
