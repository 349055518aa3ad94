/** How charts of the page get to the picture of all of them. */

import { createContext, useContext } from 'react'
import type { ChartPictures } from './chart-pictures.ts'

/** null where nobody takes pictures. */
export const PicturesContext = createContext<ChartPictures | null>(null)

export function usePictures(): ChartPictures | null {
  return useContext(PicturesContext)
}
