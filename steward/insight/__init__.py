"""Reading only: figures over cases. Owns nothing but what it derives."""
