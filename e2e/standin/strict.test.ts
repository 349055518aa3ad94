/** Goal: what is not modelled is refused, and what a spec replaces is replaced. Method: objects of the test's own. */

import { expect, test } from 'vitest'
import { preventable, strict } from './strict.ts'

class Lamp {
  #isOn = false

  isOn(): boolean {
    return this.#isOn
  }

  press(): void {
    this.#isOn = true
  }
}

test('a member that is not there throws with its name', () => {
  const lamp = strict('lamp', new Lamp())
  expect(() => Reflect.get(lamp, 'dim') as unknown).toThrow('stand-in: lamp.dim is not implemented')
})

test('methods keep their own this, and can be replaced', () => {
  const lamp = strict('lamp', new Lamp())
  const { press } = lamp
  press()
  expect(lamp.isOn()).toBe(true)
  lamp.isOn = () => false
  expect(lamp.isOn()).toBe(false)
})

test('an event tells whether it was prevented', () => {
  const event = preventable({ url: 'app://page/' })
  expect(event.defaultPrevented).toBe(false)
  event.preventDefault()
  expect(event).toMatchObject({ defaultPrevented: true, url: 'app://page/' })
})
