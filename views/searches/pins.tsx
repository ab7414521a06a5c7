// Rows that are kept beyond the time of evidence, as the excerpts that somebody chose.

import type { Pin } from '#domain/searches/pins.ts'
import type { Actor } from '#kernel/actor.ts'
import { describeActor } from '#views/parts/actor.tsx'
import { Button } from '#views/parts/button.tsx'
import { count } from '#views/parts/format.ts'
import { Panel } from '#views/parts/panel.tsx'
import { Foreign, Time } from '#views/parts/text.tsx'
import { Tree } from './row.tsx'

export interface PinsProps {
  readonly pins: readonly Pin[]
  readonly path: string
  readonly names: ReadonlyMap<Actor, string>
}

export const Pins = ({ pins, path, names }: PinsProps) =>
  pins.length === 0 ? null : (
    <Panel title="Pinned" id="pins" sub={`${count(pins.length, 'row')}, kept until unpinned`}>
      <ul class="pins">
        {pins.map((pin) => (
          <li class="panel-body">
            <p>
              {pin.note !== '' && (
                <b dir="auto" class="break">
                  {pin.note}{' '}
                </b>
              )}
              <span class="muted small">
                <Foreign text={pin.targetName} />, row {pin.rowIndex + 1}, pinned by{' '}
                <bdi>{describeActor(pin.createdBy, names)}</bdi> <Time at={pin.createdAt} />
              </span>
            </p>
            <dl class="facts">
              {pin.values.map(([name, value]) => (
                <>
                  <dt>
                    <bdi>{name}</bdi>
                  </dt>
                  <dd class="break">
                    <Tree value={value} depth={0} />
                  </dd>
                </>
              ))}
            </dl>
            <form method="post" action={`${path}/pins/${pin.number}/delete`}>
              <Button size="s" aria-label={`Unpin row ${pin.rowIndex + 1} of ${pin.targetName}`}>
                Unpin
              </Button>
            </form>
          </li>
        ))}
      </ul>
    </Panel>
  )
