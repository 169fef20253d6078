export default function StructurePage() {
  return <div class="page"><h1>StructurePage</h1></div>;
}
