"""A Child Safeguarding Practice Review, or another learning review, from its commission to its last day."""
