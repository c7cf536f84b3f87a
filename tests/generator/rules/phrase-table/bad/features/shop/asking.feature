Feature: F

  Scenario: S
    Given these ask:
      | name |
      | Ann  |
    When somebody asks
    Then it is answered
