Feature: Snow

  Scenario: With a table
    # next line: phrase-table
    Given it snows
      | how |
      | much |
