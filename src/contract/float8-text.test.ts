/** Fixed examples; native-wasm/test/postgres-floats.test.ts compares with a real Postgres at large. */

import { expect, test } from 'vitest'
import { formatFloat8 } from './float8-text.ts'

test('float8 is printed as Postgres prints it', () => {
  const examples: [number, string][] = [
    [0, '0'],
    [-0, '-0'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [0.1, '0.1'],
    [-1.5, '-1.5'],
    [100, '100'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-0.000012345, '-1.2345e-05'],
    [999999999999999, '999999999999999'],
    [1e15, '1e+15'],
    [1234567890123456, '1.234567890123456e+15'],
    [9007199254740991, '9.007199254740991e+15'],
    [5e-324, '5e-324'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [1e100, '1e+100'],
  ]
  expect(examples.map(([value]) => formatFloat8(value))).toStrictEqual(examples.map(([, text]) => text))
})

test('digits that lie exactly between two values are not used, as Postgres does not', () => {
  const examples: [number, string][] = [
    [1e23, '9.999999999999999e+22'],
    [2e23, '1.9999999999999998e+23'],
    [56079052540682140, '5.6079052540682144e+16'],
    [1504930353762416000, '1.5049303537624161e+18'],
  ]
  expect(examples.map(([value]) => formatFloat8(value))).toStrictEqual(examples.map(([, text]) => text))
})
