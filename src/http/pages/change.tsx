// `/w/{slug}/changes/{id}`: one change, one item of it down to the bytes, and the form that edits it.

import { getChange } from '#domain/changes/actions.ts'
import { forbidden } from '#kernel/error.ts'
import { ItemPage } from '#views/changes/item-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId } from '#http/input.ts'
import { page } from '#http/respond.tsx'
import { rootOf, showChange, showEditForm, trailOf } from './change-face.tsx'
import { compareJson, compareOf, showItems } from './change-shown.ts'

export function showOne(c: HttpContext): Promise<Response> {
  return showChange(c, {})
}

export function showEdit(c: HttpContext): Promise<Response> {
  return showEditForm(c, {})
}

export async function showItem(c: HttpContext): Promise<Response> {
  const whole = await getChange(c.var.house, callerOf(c), readId(c, 'chg'))
  const number = Number(c.req.param('n'))
  const item = whole.items.find((one) => one.number === number)
  if (!item) throw forbidden()
  const [shown] = await showItems(c, [item])
  const { becomes, replaces, body } = item
  const props = {
    path: `${rootOf(c)}/${whole.change.id}`,
    home: placeOf(c),
    change: whole.change,
    shown: shown!,
    text: (await compareOf(c, item))?.rows ?? null,
    body:
      becomes !== null && replaces !== null ? await compareJson(c, replaces.body, becomes) : null,
    switches: await Promise.all(
      item.switches.map(async ({ at, body: then }, index) => {
        const before = item.switches[index - 1]?.body ?? body ?? {}
        return { at, rows: await compareJson(c, before, then) }
      }),
    ),
    written: body !== null && replaces === null ? JSON.stringify(body, null, 2) : null,
    previous: number > 1 ? number - 1 : null,
    next: number < whole.items.length ? number + 1 : null,
  }
  const trail = [...trailOf(c), { label: whole.change.title, href: props.path }]
  return page(c, { title: `Item ${number}`, trail }, <ItemPage {...props} />)
}
