/** A file of data as its text: parsed at run time, so that the compiler need not read half a million bytes of types. */
declare module "*.json?raw" {
  const text: string;
  export default text;
}
