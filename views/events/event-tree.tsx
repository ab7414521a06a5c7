// One event as a tree: names and values, objects and lists inside opened in their place. What an event
// says is somebody else's text, shown as text.

import type { Json } from '#kernel/json.ts'
import { Foreign } from '#views/parts/text.tsx'

/** An event of thousands of fields is shown by its first ones. */
const ITEMS_MAX = 80
const DEPTH_MAX = 8
const CHARS_MAX = 2_000

export const EventTree = ({ value, depth = 0 }: { value: Json; depth?: number }) => {
  if (typeof value !== 'object' || value === null) return <Leaf value={value} />
  const items = Object.entries(value)
  if (items.length === 0) return <span class="muted">{Array.isArray(value) ? '[]' : '{}'}</span>
  if (depth >= DEPTH_MAX) return <Foreign text={JSON.stringify(value).slice(0, CHARS_MAX)} />
  return (
    <dl class="tree">
      {items.slice(0, ITEMS_MAX).map(([name, item]) => (
        <div>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <EventTree value={item} depth={depth + 1} />
          </dd>
        </div>
      ))}
      {items.length > ITEMS_MAX && (
        <div>
          <dt>…</dt>
          <dd class="muted">{items.length - ITEMS_MAX} more are not shown</dd>
        </div>
      )}
    </dl>
  )
}

const Leaf = ({ value }: { value: string | number | boolean | null }) => {
  if (value === null) return <span class="muted">null</span>
  const text = String(value)
  return (
    <bdi dir="auto" class="mono small">
      {text.length > CHARS_MAX ? `${text.slice(0, CHARS_MAX)}…` : text}
    </bdi>
  )
}

const TELLING = [
  'CommandLine',
  'message',
  'eventName',
  'displayMessage',
  'cs-uri-stem',
  'c-uri',
  'query',
  'Image',
  'TargetUserName',
  'ServiceName',
]

/** The words of an event that say most, for a list. */
export function summaryOf(event: Json): string {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return String(event)
  const fields = event as Readonly<Record<string, Json>>
  const told = TELLING.map((name) => fields[name]).find((value) => typeof value === 'string')
  if (told !== undefined) return told
  const words = Object.entries(fields).flatMap(([name, value]) =>
    typeof value === 'object' || name === '@timestamp' ? [] : [`${name}=${String(value)}`],
  )
  return words.slice(0, 6).join('  ')
}
