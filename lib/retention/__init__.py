"""Customer retention from count tables: tenure, satisfaction, referral, loyalty."""
