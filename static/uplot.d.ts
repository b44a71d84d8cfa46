// The build copies uPlot's module here without its types; npm's package has them.
declare module "*/uPlot.esm.js" {
  export { default } from "uplot";
}
