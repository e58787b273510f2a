// One half of the fuzzer; the two run side by side.
import { describeFuzz } from './fuzz-http.ts'

describeFuzz(1)
