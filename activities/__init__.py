"""Everything that touches the world, a module per thing touched."""
